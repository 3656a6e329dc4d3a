"""The words of the Core Business Vocabulary (CBV 2.0) that stand bare in an event, and how others are told from them.

A field with such a vocabulary holds one of its words, or a URI of somebody else's vocabulary. A URI of CBV's own is
refused, since its word has one spelling; what was written before is read all the same by
`cbv_word`.
"""

import re

# RFC 3986 §3: a scheme, and characters that a URI may have.
# Possessive: nothing is tried twice, and a run of plain characters is one step.
_PLAIN = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]*+"
URI = rf"[A-Za-z][A-Za-z0-9+.\-]*+:{_PLAIN}(?:%[0-9A-Fa-f]{{2}}{_PLAIN})*+"
is_uri = re.compile(URI).fullmatch
_CBV = re.compile(r"urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/")
_WEB_VOCABULARY = re.compile(r"https?://(?:www\.)?gs1\.org/voc/")
_SPELLINGS = re.compile(
    r"(?:urn:epcglobal:cbv:[a-z]+:|https?://ns\.gs1\.org/cbv/|https?://ref\.gs1\.org/cbv/)(?:[A-Za-z]+-)?(.+)"
)


def is_other_word(value: str) -> bool:
    """A URI that is none of CBV's."""
    return is_uri(value) is not None and _CBV.match(value) is None


def is_other_measure(value: str) -> bool:
    """A URI that is none of the GS1 Web Vocabulary's."""
    return is_uri(value) is not None and _WEB_VOCABULARY.match(value) is None


def cbv_word(value: str | None) -> str | None:
    """The bare word of a CBV value, in whichever of its spellings it came: bare, URN or web URI. Others stay whole."""
    if value is None or ":" not in value:
        return value
    spelled = _SPELLINGS.fullmatch(value)
    return spelled[1] if spelled is not None else value


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# CBV 2.0, business steps.
BIZ_STEPS = _words(
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing
    reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing
    transporting unloading unpacking void_shipping
    """
)
# CBV 2.0, dispositions.
DISPOSITIONS = _words(
    """
    active available completeness_inferred completeness_verified conformant container_closed container_open
    damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class
    mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other
    partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible
    stolen unavailable unknown
    """
)
# CBV 2.0, types of business transactions.
TRANSACTION_TYPES = _words(
    """
    bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt
    """
)
# CBV 2.0, types of sources and destinations.
PARTY_TYPES = _words(
    """
    location owning_party possessing_party
    """
)
# CBV 2.0, error reasons.
ERROR_REASONS = _words(
    """
    did_not_occur incorrect_data
    """
)
# GS1 Web Vocabulary, MeasurementType.
MEASUREMENTS = _words(
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
    MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power
    Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle
    SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate
    VolumeFraction VolumetricFlux Wavenumber
    """
)
# GS1 Web Vocabulary, SensorAlertType.
ALERTS = _words(
    """
    ALARM_CONDITION ERROR_CONDITION
    """
)
# CBV 2.0, components of sensor reports.
COMPONENTS = _words(
    """
    altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle
    spherical_radius x y z
    """
)
