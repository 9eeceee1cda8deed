// The step "opening hours": of the exits, only those are shown that the chosen opening hours have. On the form's own page, and in the editor.
(() => {
  'use strict';
  const CALENDAR = 'select[name="calendar"]';

  /** @param {HTMLSelectElement | null} calendar */
  function show(calendar) {
    for (const target of calendar?.form?.querySelectorAll('[data-calendars]') ?? []) {
      const row = target.closest('.form-row, .panel-field') ?? target.parentElement;
      row.hidden = !target.dataset.calendars.split(' ').includes(calendar.value);
    }
  }

  document.addEventListener('change', ({ target }) => target.matches(CALENDAR) && show(target));
  for (const event of ['DOMContentLoaded', 'formset:added']) document.addEventListener(event, () => show(document.querySelector(CALENDAR)));
})();
