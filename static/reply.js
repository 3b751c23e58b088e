// The form of an answer: says that it was opened, saves by itself, adds and removes rows, sends once.
// Each of these works without it, by a button.
"use strict";

(() => {
  const form = document.getElementById("answer");
  if (!form) {
    return;
  }
  const WAIT = 2500;
  const status = form.querySelector("[data-status]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = null;
  let saving = false;
  let changed = false;
  let stopped = false;
  let sending = false;

  const say = (text) => {
    status.textContent = text;
  };

  const post = (url, body) =>
    fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, credentials: "same-origin" });

  post(form.dataset.opened, new URLSearchParams()).catch(() => {});

  // --- draft

  const typed = () => {
    const data = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) {
      data.delete(input.name); // a file goes with a button, not every few seconds
    }
    return new URLSearchParams(data); // read by the server ten times faster than a form with files
  };

  const save = async () => {
    if (saving || sending || stopped) {
      return;
    }
    saving = true;
    changed = false;
    try {
      const response = await post(form.dataset.draft, typed());
      const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
      const answer = isJson ? await response.json() : {};
      if (response.ok) {
        form.elements.revision.value = answer.revision;
        say(answer.message);
      } else if (answer.message) {
        stopped = true;
        say(answer.message);
      } else {
        throw new Error(String(response.status));
      }
    } catch {
      changed = true;
      say("Le brouillon n’a pas pu être enregistré : nouvel essai dans un instant.");
    }
    saving = false;
    if (changed) {
      later();
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  };

  const note = (event) => {
    if (event.target.type !== "file") {
      changed = true;
      later();
    }
  };

  form.addEventListener("input", note);
  form.addEventListener("change", note);

  // --- rows of persons

  const rows = form.querySelector("[data-rows]");

  const rank = () => {
    rows.querySelectorAll("[data-rank]").forEach((place, index) => {
      place.textContent = index + 1;
    });
  };

  const number = (row) => row.querySelector("[name=people]").value;

  const empty = (row) => {
    for (const field of row.querySelectorAll("input, select, textarea")) {
      if (field.type === "checkbox" || field.type === "radio") {
        field.checked = false;
      } else if (field.type === "number") {
        field.value = "1";
      } else if (field.type !== "hidden") {
        field.value = "";
      }
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    row.querySelectorAll(".fr-error-text, .fr-messages-group").forEach((text) => text.remove());
    row.querySelectorAll("[class*=--error]").forEach((group) => {
      group.className = group.className.replace(/\S+--error/g, "").trim();
    });
  };

  const renumber = (row, to) => {
    const from = `people-${number(row)}`;
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const name of ["id", "name", "for", "aria-labelledby"]) {
        const value = element.getAttribute(name);
        if (value && value.includes(from)) {
          element.setAttribute(name, value.replaceAll(from, `people-${to}`));
        }
      }
    }
    row.querySelector("[name=people]").value = to;
    row.querySelector("[data-remove]").value = `remove-${to}`;
  };

  const add = (button) => {
    const all = [...rows.querySelectorAll("[data-row]")];
    if (!all.length || all.length >= 60) {
      return false;
    }
    const row = all[all.length - 1].cloneNode(true);
    renumber(row, Math.max(...all.map((other) => Number(number(other)))) + 1);
    empty(row);
    button.before(row);
    rank();
    row.querySelector("input:not([type=hidden])").focus();
    return true;
  };

  const remove = (row) => {
    const next = row.nextElementSibling || row.previousElementSibling;
    if (rows.querySelectorAll("[data-row]").length > 1) {
      row.remove();
    } else {
      empty(row);
    }
    rank();
    (next.querySelector("input:not([type=hidden])") || next).focus();
    changed = true;
    later();
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !rows) {
      return;
    }
    if (button.matches("[data-add]") && add(button)) {
      event.preventDefault();
    } else if (button.matches("[data-remove]")) {
      event.preventDefault();
      remove(button.closest("[data-row]"));
    }
  });

  // Nobody to name: the rows are out of the way, and what they hold is not sent as an answer.
  const show = () => {
    const none = form.querySelector("[name=has_people][value=no]");
    if (rows && none) {
      rows.hidden = none.checked;
    }
  };
  form.addEventListener("change", show);
  show();

  // --- sending

  // « Entrée » in a field saves nothing and sends nothing: only a button does.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=file])")) {
      event.preventDefault();
    }
  });

  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault();
      return;
    }
    sending = true;
    clearTimeout(timer);
    // A disabled button is not sent with the form: wait until it has left.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) {
        button.disabled = true;
      }
      say("Envoi en cours…");
    });
  });

  // A page that « Back » brings out of the browser's memory is alive again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      window.location.reload();
    }
  });

  document.querySelector("[data-focus]")?.focus();
})();
