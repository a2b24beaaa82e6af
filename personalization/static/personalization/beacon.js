// docs/reference/script.md
try {
const d = document, {url, agreed} = d.currentScript.dataset, told = {},
	store = d.cookie.includes(agreed) ? sessionStorage : {}
let queue = JSON.parse(store.personal || "[]"), timer

const plan = wait => {
	timer = timer || setTimeout(flush, wait || 1e3)
	try { store.personal = JSON.stringify(queue) } catch (e) {}
}
const flush = () => {
	const events = queue.splice(0, 50), body = JSON.stringify({events})
	clearTimeout(timer)
	timer = events[0] && fetch(url, {method: "POST", headers: {"Content-Type": "application/json"}, body, keepalive: body.length < 6e4})
		.then(r => r.status > 428, () => 1)
		.then(bad => { timer = 0; plan(bad && queue.unshift(...events) && 9e3) })
}
const tell = (n, kind, item, at, query) => {
	const near = a => (n.closest(`[data-${a}]`) || n).dataset[a]
	const e = {kind, item: item || near("item"), token: near("token"), query}, k = JSON.stringify(e) + at
	if (told[k] || queue[449]) return
	told[k] = e.time = new Date
	e.id = (Math.random() + kind + +e.time).slice(2)
	queue.push(e) % 50 ? plan() : flush()
}
const watch = new IntersectionObserver(all => all.forEach(({target: n, intersectionRatio: r}) => {
	n.seen = r < .5 ? clearTimeout(n.seen) : setTimeout(tell, 1e3, n, "impression")
}), {threshold: .5})
const scan = () => d.querySelectorAll("[data-personal-view],[data-personal-search],[data-token] [data-item]").forEach(n => {
	const {personalView: v, personalSearch: q} = n.dataset
	v ? tell(n, "view", v) : q ? tell(n, "search", "", 0, q) : watch.observe(n)
})
const act = e => {
	if (!e.target.closest) return scan(), flush()
	const n = e.target.closest("[data-personal-cart],[data-personal-event],[data-token] a[href]")
	if (!n || e.button > 1 || !n.elements == (e.type == "submit")) return
	const {personalEvent: kind, personalCart: item} = n.dataset
	tell(n, kind || (item ? "cart_add" : "click"), item, e.timeStamp)
}
"click auxclick submit visibilitychange pagehide personal".split(" ").map(t => addEventListener(t, act, true))
scan()
plan()
} catch (e) {}
