"""What a page replaces when it is drawn anew though nothing is another; whoever has the focus or the mouse there loses it."""

from playwright.sync_api import Page

NOTE_SOCKETS = """(() => {
  const Real = window.WebSocket;
  window.__sockets = [];
  window.WebSocket = class extends Real {
    constructor(...where) { super(...where); window.__sockets.push(this); }
  };
})()"""
DRAW = """async () => {
  const topics = [...document.querySelectorAll('#queues .queue')].map(({ dataset }) => `queue:${dataset.queue}`);
  const draw = () => window.__sockets.at(-1).onmessage({ data: JSON.stringify({ m: 'live.topics', topics }) });
  draw();  // what has changed meanwhile, a clock too
  await null;
  const watcher = new MutationObserver(() => {});
  watcher.observe(document, { subtree: true, childList: true, characterData: true });
  document.body.dataset.panel = '';
  draw();
  await null;
  if (!document.body.dataset.panel) return ['the page was not drawn'];
  const changed = watcher.takeRecords().map(({ target }) => (target.nodeType === Node.TEXT_NODE ? target.parentElement : target));
  const clocks = '[data-clock], [data-ticks], .longest';
  return [...new Set(changed.filter((element) => !element.closest(clocks)))].map((element) => element.cloneNode(false).outerHTML);
}"""


def redrawn(page: Page) -> list[str]:
    """The elements whose texts or children were replaced, as HTML. The page needs NOTE_SOCKETS before it is opened."""
    return [f"{element} is replaced though nothing has changed" for element in page.evaluate(DRAW)]
