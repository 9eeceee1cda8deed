/** Players of recordings: when one fails, the server's own words say why. */

/**
 * @param {HTMLAudioElement} audio
 * @returns {Promise<void>}
 */
async function explain(audio) {
  const place = audio.parentElement.querySelector(".player-fault");
  place.textContent = await reason(audio.currentSrc || audio.src, place.dataset.unknown);
  place.hidden = false;
}

/**
 * @param {string} address
 * @param {string} unknown words for a fault that the server does not name
 * @returns {Promise<string>}
 */
async function reason(address, unknown) {
  try {
    const answer = await fetch(address, { headers: { Range: "bytes=0-0" }, signal: AbortSignal.timeout(5000) });
    const words = answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : "";
    return words || unknown;
  } catch {
    return unknown;
  }
}

document.addEventListener(
  "error",
  (event) => {
    if (event.target instanceof HTMLAudioElement && event.target.closest(".player")) void explain(event.target);
  },
  true, // errors of media do not bubble
);

document.addEventListener(
  "play",
  (event) => {
    for (const other of document.querySelectorAll(".player audio")) if (other !== event.target) other.pause();
  },
  true,
);
