// The step "opening hours": of the exits, only those are shown that the chosen opening hours have.
(() => {
  'use strict';

  /** @param {HTMLSelectElement} calendar */
  function show(calendar) {
    for (const target of document.querySelectorAll('[data-calendars]')) {
      const row = target.closest('.form-row') ?? target.parentElement;
      row.hidden = !target.dataset.calendars.split(' ').includes(calendar.value);
    }
  }

  document.addEventListener('DOMContentLoaded', () => {
    const calendar = document.querySelector('select[name="calendar"]');
    if (!calendar) return;
    calendar.addEventListener('change', () => show(calendar));
    show(calendar);
  });
})();
