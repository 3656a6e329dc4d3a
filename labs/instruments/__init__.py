"""What labs measure with, and until when each instrument may be relied on."""
