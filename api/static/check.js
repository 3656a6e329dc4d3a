// Checks a paper by its fingerprint: the file is hashed here (SHA-256, WebCrypto) and only the hash is asked about. The
// file leaves this machine when its owner presses the button that says so, which is the form's own.
"use strict";
(() => {
  const form = document.getElementById("check-file");
  const answer = document.getElementById("answer");
  const input = document.getElementById("check-pdf");
  const drop = document.getElementById("drop");
  const shown = document.getElementById("file-hash");

  const offerPrint = () => {
    for (const button of document.querySelectorAll("[data-print]")) {
      button.hidden = false;
      button.onclick = () => window.print();
    }
  };
  offerPrint();
  if (!form || !globalThis.crypto?.subtle) return;
  document.getElementById("by-hash").hidden = document.getElementById("drop-hint").hidden = false;

  const ask = async () => {
    const file = input.files[0];
    if (!file) return;
    shown.hidden = false;
    shown.textContent = form.dataset.hashing;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (file !== input.files[0]) return; // another was chosen meanwhile
    shown.textContent = `SHA-256 ${sha256}`;
    const reply = await fetch(`/check?${new URLSearchParams({ part: "1", sha256 })}`, { headers: { Accept: "text/html" } });
    if (!reply.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    answer.replaceChildren(...page.body.childNodes);
    offerPrint();
    answer.scrollIntoView({ block: "start" });
  };
  input.addEventListener("change", ask);
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", name === "dragenter" || name === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length !== 1) return;
    input.files = event.dataTransfer.files;
    ask();
  });
})();
