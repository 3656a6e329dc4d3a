// The scan page's only script. It notes that the page was opened, with nothing else; and, when its button is pressed
// and the browser's own question is answered with yes, where: to a tenth of a degree, some 11 km, rounded here.
"use strict";
(() => {
  const form = document.getElementById("note");
  if (!form) return;
  const send = (fields) => fetch(form.action, { method: "POST", body: new URLSearchParams({ by: "script", ...fields }), keepalive: true });
  send({}).catch(() => {});

  const button = document.getElementById("note-place");
  const said = document.getElementById("note-said");
  if (!navigator.geolocation || !button || !said) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    const tell = (name) => { said.textContent = said.dataset[name]; button.disabled = name === "done"; };
    const round = (degrees) => (Math.round(degrees * 10) / 10).toFixed(1);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => send({
        latitude: round(coords.latitude),
        longitude: round(coords.longitude),
        holder: new FormData(form).get("holder") || "",
      }).then((answer) => tell(answer.ok ? "done" : "failed"), () => tell("failed")),
      () => tell("refused"),
      { enableHighAccuracy: false, timeout: 15000, maximumAge: 600000 },
    );
  });
})();
