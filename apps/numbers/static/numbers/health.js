// Trunk health: the facts are drawn by the server and fetched anew; a test tells its steps as it goes.

const REFRESH_MS = 3000;
const LOOK_MS = 300;
const TEST_MS = 25000; // longer than all the waits of a test together

const page = document.getElementById("trunks");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Puts what has changed into the page; buttons, focus and tests stay. */
async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) throw new Error("refused");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const shown of page.querySelectorAll("[data-fact]")) {
    const now = fresh.querySelector(`[data-fact="${shown.dataset.fact}"]`);
    if (now && now.innerHTML !== shown.innerHTML) shown.innerHTML = now.innerHTML;
  }
}

async function keepFresh() {
  for (;;) {
    await pause(REFRESH_MS);
    if (document.hidden) continue;
    try {
      await refresh();
    } catch {
      page.querySelector("[data-fact=lost]").textContent = page.dataset.lost;
    }
  }
}

/** @param {HTMLFormElement} form @returns {AsyncGenerator<string>} what to show, until the test is over */
async function* tested(form) {
  const begun = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  if (!begun.ok) throw new Error("refused");
  const { address, html } = await begun.json();
  yield html;
  for (const until = Date.now() + TEST_MS; address; await pause(LOOK_MS)) {
    const answer = await fetch(address);
    if (!answer.ok || Date.now() > until) throw new Error("too long");
    const news = await answer.json();
    yield news.html;
    if (news.over) return;
  }
}

/** @param {HTMLFormElement} form */
async function test(form) {
  const button = form.querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const result = form.closest(".trunk").querySelector("[data-test]");
  try {
    for await (const html of tested(form)) if (result.innerHTML !== html) result.innerHTML = html;
  } catch {
    result.textContent = page.dataset.slow;
  }
  button.removeAttribute("aria-disabled");
}

page.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-try]")) return;
  event.preventDefault();
  test(event.target);
});
keepFresh();
