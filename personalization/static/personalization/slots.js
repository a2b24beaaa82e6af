// Fills the places of lazy slots, and tells beacon.js of what appears on the page. docs/reference/script.md
try {
  const script = document.currentScript;
  const MOST = 10; // blocks of one request
  const LONGEST = 3800; // characters of one request: some servers refuse lines of more than 4,094
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("personalization", { createHTML: (html) => html })
    : { createHTML: (html) => html };

  // Whatever was not answered leaves no empty place behind.
  const put = (place, html) => {
    if (html) place.insertAdjacentHTML("afterend", policy.createHTML(html));
    place.remove();
  };

  const fetchBlocks = (places) => {
    const query = places.map((place) => "b=" + encodeURIComponent(place.dataset.personalLazy)).join("&");
    return fetch(script.dataset.url + "?" + query, { headers: { Accept: "application/json" } })
      .then((response) => (response.ok ? response.json() : { blocks: [] }))
      .then(({ blocks }) => places.forEach((place, number) => put(place, blocks[number])))
      .catch(() => places.forEach((place) => put(place, "")));
  };

  // As many of the first places as one request can hold.
  const take = (places) => {
    let length = script.dataset.url.length;
    return places.filter((place, number) => {
      length += place.dataset.personalLazy.length + 10;
      return number == 0 || (number < MOST && length < LONGEST);
    });
  };

  const fill = () => {
    let places = [...document.querySelectorAll("[data-personal-lazy]:not([data-personal-asked])")];
    while (places.length) {
      const batch = take(places);
      batch.forEach((place) => place.setAttribute("data-personal-asked", ""));
      fetchBlocks(batch);
      places = places.slice(batch.length);
    }
  };

  // What is put into the page later (by us, or by htmx, Turbo and their like) counts as well.
  const OURS = "[data-personal-lazy],[data-token],[data-personal-view],[data-personal-search]";
  const isOurs = (node) => node.matches && (node.matches(OURS) || node.querySelector(OURS));
  const changed = (mutations) => {
    if (!mutations.some(({ addedNodes }) => [...addedNodes].some(isOurs))) return;
    fill();
    dispatchEvent(new Event("personal")); // beacon.js looks again
  };
  fill();
  new MutationObserver(changed).observe(document.body, { childList: true, subtree: true });
} catch (error) {
  // Without support the page stays as it is.
}
