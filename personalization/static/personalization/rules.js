// The rule builder of the admin: what its buttons do without this script by a new page, it does in place.
// The rows come from the server, as they do in a page. docs/how-to/promotions.md
try {
  const WAIT = 400; // ms after the last key
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("personalization-rules", { createHTML: (html) => html })
    : { createHTML: (html) => html };
  const asked = new WeakMap(); // builder → by part of it, what was asked last

  const parsed = (html) => {
    const template = document.createElement("template");
    template.innerHTML = policy.createHTML(html);
    return template.content.querySelector("[data-rule-builder]");
  };

  // What the builder becomes after a button; an older question about the same is no longer of interest.
  const ask = (builder, act, part) => {
    const questions = asked.get(builder) || {};
    asked.set(builder, questions);
    (part ? [part] : Object.keys(questions)).forEach((old) => questions[old]?.abort());
    const question = (questions[part] = new AbortController());
    if (!part) clearTimeout(builder.ruleTimer);
    const body = new FormData(builder.closest("form"));
    body.set(builder.dataset.name + "-act", act);
    return fetch(builder.dataset.url, { method: "POST", body, signal: question.signal }).then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text().then(parsed);
    });
  };

  const replace = (builder, act) => {
    builder.setAttribute("aria-busy", "true");
    ask(builder, act, "")
      .then((fresh) => {
        builder.replaceWith(fresh);
        enhance(fresh);
        const goal = fresh.querySelector("[autofocus]");
        (goal && goal.hidden ? goal.parentElement.querySelector("input") : goal)?.focus();
      })
      .catch((error) => error.name == "AbortError" || submit(builder, act));
  };

  // Only a part of it, so that what is being typed stays.
  const refresh = (builder, part, act) =>
    ask(builder, act, part)
      .then((fresh) => {
        const old = builder.querySelector(part);
        const focused = old.contains(document.activeElement) && document.activeElement.value;
        old.replaceWith(fresh.querySelector(part));
        if (focused) builder.querySelector(`${part} [value="${CSS.escape(focused)}"]`)?.focus();
      })
      .catch((error) => error.name == "AbortError" || !act || submit(builder, act));

  // The server did not answer: do it as without a script.
  const submit = (builder, act) => {
    const button = document.createElement("button");
    button.name = builder.dataset.name + "-act";
    button.value = act;
    button.hidden = true;
    builder.append(button);
    button.click();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-rule-builder] button[name$='-act']");
    if (!button || button.hidden) return;
    const builder = button.closest("[data-rule-builder]");
    event.preventDefault();
    if (/^(count|try)$/.test(button.value)) refresh(builder, "[data-rule-people]", button.value);
    else replace(builder, button.value);
  });
  document.addEventListener("change", (event) => {
    const builder = event.target.closest?.("[data-rule-builder]");
    if (builder && event.target.dataset.ruleChanges) replace(builder, event.target.dataset.ruleChanges);
    else if (builder && !event.target.closest("[data-rule-people]")) changed(builder);
  });
  document.addEventListener("input", (event) => {
    const builder = event.target.closest?.("[data-rule-builder]");
    if (builder && !event.target.dataset.ruleChanges && !event.target.closest("[data-rule-people]")) changed(builder);
  });
  const changed = (builder) => {
    clearTimeout(builder.ruleTimer);
    builder.ruleTimer = setTimeout(() => {
      if (builder.isConnected && !builder.hasAttribute("aria-busy")) refresh(builder, "[data-rule-said]", "");
    }, WAIT);
  };

  // Texts become chips with a box that offers what the shop has; the lines stay, hidden, and are what is sent.
  const enhance = (builder) => {
    builder.classList.add("rule-live");
    builder.querySelectorAll("textarea.rule-texts").forEach((lines) => chips(builder, lines));
  };

  const make = (name, properties) => Object.assign(document.createElement(name), properties);

  const chips = (builder, lines) => {
    const words = builder.dataset;
    const what = lines.dataset.suggests;
    const box = make("div", { className: "rule-chips" });
    const input = make("input", { type: "text", autocomplete: "off", id: lines.id + "-box", placeholder: words.wordsAdd });
    const list = make("ul", { className: "rule-offers", id: lines.id + "-offers", hidden: true });
    const titles = JSON.parse(lines.dataset.titles || "{}");
    const values = () => lines.value.split("\n").map((line) => line.trim()).filter(Boolean);
    let chosen = -1;
    let timer;
    let question;

    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-autocomplete", "list");
    ["aria-invalid", "aria-describedby"].forEach((name) => lines.hasAttribute(name) && input.setAttribute(name, lines.getAttribute(name)));
    list.setAttribute("role", "listbox");
    lines.hidden = true;
    const label = lines.parentElement.querySelector("label");
    if (label) label.htmlFor = input.id;

    const store = (all) => {
      lines.value = [...new Set(all)].join("\n");
      draw();
      lines.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const draw = () => {
      box.querySelectorAll(".rule-chip").forEach((chip) => chip.remove());
      values().forEach((value) => {
        const remove = make("button", { type: "button", textContent: "×" });
        remove.setAttribute("aria-label", words.wordsRemove.replace("{text}", titles[value] || value));
        remove.onclick = () => {
          store(values().filter((other) => other != value));
          input.focus();
        };
        const chip = make("span", { className: "rule-chip", textContent: titles[value] || value, title: value });
        chip.append(remove);
        box.insertBefore(chip, input);
      });
    };
    const add = (value) => {
      if (value.trim()) store([...values(), value.trim()]);
      input.value = "";
      close();
    };
    const close = () => {
      question?.abort();
      clearTimeout(timer);
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const point = (place) => {
      const offers = [...list.querySelectorAll("[role=option]")];
      if (!offers.length) return;
      chosen = (place + offers.length) % offers.length;
      offers.forEach((offer, number) => offer.setAttribute("aria-selected", number == chosen));
      offers[chosen].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", offers[chosen].id);
    };
    const offer = (found) => {
      list.replaceChildren();
      found.forEach(({ value, label: shown, title }, number) => {
        if (title) titles[value] = title;
        const item = make("li", { id: `${list.id}-${number}`, textContent: shown });
        item.setAttribute("role", "option");
        item.onmousedown = (event) => {
          event.preventDefault();
          add(value);
        };
        item.dataset.value = value;
        list.append(item);
      });
      if (!found.length) list.append(make("li", { className: "rule-hint", textContent: words.wordsNone }));
      chosen = -1;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    };
    const look = () => {
      clearTimeout(timer);
      if (!what) return;
      timer = setTimeout(() => {
        question?.abort();
        question = new AbortController();
        const query = new URLSearchParams({ what, q: input.value });
        fetch(`${words.suggestions}?${query}`, { signal: question.signal })
          .then((answer) => (answer.ok ? answer.json() : { suggestions: [] }))
          .then(({ suggestions }) => document.activeElement == input && offer(suggestions.filter(({ value }) => !values().includes(value))))
          .catch(() => {});
      }, 150);
    };
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      look();
    });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("focus", look);
    input.addEventListener("blur", () => add(input.value));
    input.addEventListener("paste", (event) => {
      const pasted = event.clipboardData.getData("text").split(/[\r\n]+/);
      if (pasted.length < 2) return;
      event.preventDefault();
      store([...values(), ...pasted.map((line) => line.trim()).filter(Boolean)]);
    });
    input.addEventListener("keydown", (event) => {
      const option = list.hidden ? null : list.querySelectorAll("[role=option]")[chosen];
      if (event.key == "ArrowDown" || event.key == "ArrowUp") {
        event.preventDefault();
        if (list.hidden) look();
        else point(event.key == "ArrowDown" ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
      } else if (event.key == "Enter" && (option || input.value.trim())) {
        event.preventDefault();
        add(option ? option.dataset.value : input.value);
      } else if (event.key == "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      } else if (event.key == "Backspace" && !input.value && values().length) {
        store(values().slice(0, -1));
      }
    });
    box.append(input, list);
    lines.before(box);
    draw();
    if (lines.autofocus && document.activeElement == document.body) input.focus();
  };

  const begin = () => document.querySelectorAll("[data-rule-builder]").forEach(enhance);
  if (document.readyState == "loading") addEventListener("DOMContentLoaded", begin);
  else begin();
} catch (error) {
  // Without support the buttons of the page do it all.
}
