// Copying: by the buttons, and by selecting. What is copied stays a quote: its marks, its markers and their sources.
async function copy(button) {
	const text = button.dataset.copy;
	let done = true;
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// Without a secure connection there is no clipboard interface; the old way still works.
		const field = document.createElement("textarea");
		field.value = text;
		field.className = "sr";
		document.body.append(field);
		field.select();
		done = document.execCommand("copy");
		field.remove();
		button.focus();
	}
	const words = button.textContent;
	button.textContent = done ? "Copied" : "Could not copy";
	setTimeout(() => (button.textContent = words), 1600);
}

// What of a node lies in the selection, with the marks that the style draws and the brackets of markers.
function selectedWords(node, range) {
	if (!range.intersectsNode(node)) return "";
	if (node.nodeType === Node.TEXT_NODE) {
		const from = node === range.startContainer ? range.startOffset : 0;
		const to = node === range.endContainer ? range.endOffset : node.length;
		return node.data.slice(from, to);
	}
	if (node.matches?.(".marker")) return `[${node.textContent}]`;
	const inside = Array.from(node.childNodes, (child) => selectedWords(child, range)).join("");
	return node.localName === "q" && inside.trim() ? `“${inside}”` : inside;
}

function selectedSentences(turn, range) {
	const cited = new Set();
	const lines = [];
	for (const sentence of turn.querySelectorAll(".text > *")) {
		let words = selectedWords(sentence, range).replace(/\s+/g, " ").trim();
		if (!words) continue;
		for (const marker of (sentence.dataset.markers ?? "").split(" ").filter(Boolean)) {
			if (!words.includes(`[${marker}]`)) words += ` [${marker}]`;
			cited.add(Number(marker));
		}
		lines.push(words);
	}
	return { lines, cited };
}

function spokenDay(iso) {
	const day = iso ? new Date(`${iso}T00:00:00Z`) : null;
	return day && !Number.isNaN(day.getTime()) ? day.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }) : "undated";
}

// A source as the button "Copy with sources" writes it.
function sourceLines(citation) {
	const address = /^https?:\/\//i.test(citation.url ?? "") ? citation.url : "";
	const where = [citation.publisher, spokenDay(citation.published), address].filter(Boolean).join(", ");
	return [`[${citation.marker}] ${citation.title}. ${where}`, `    “${String(citation.quote).split(/\s+/).join(" ").trim()}”`];
}

document.addEventListener("copy", (event) => {
	const selection = document.getSelection();
	if (!selection?.rangeCount || selection.isCollapsed || event.target.closest?.("textarea, input, dialog")) return;
	const range = selection.getRangeAt(0);
	// A few words out of one sentence are taken as they are, to search for them or to spell a name.
	if (range.startContainer === range.endContainer && range.startContainer.nodeType === Node.TEXT_NODE) {
		const words = range.startContainer;
		if (range.startOffset > 0 || range.endOffset < words.length) return;
	}
	const copied = [];
	for (const turn of document.querySelectorAll("#talk .turn")) {
		const { lines, cited } = selectedSentences(turn, range);
		if (!lines.length) continue;
		const question = selectedWords(turn.querySelector(".question"), range).trim();
		const sources = (keptTurn(turn)?.answer?.citations ?? []).filter((c) => cited.has(c.marker)).flatMap(sourceLines);
		copied.push([...(question ? [question, ""] : []), ...lines, ...(sources.length ? ["", "Sources", ...sources] : [])]);
	}
	if (!copied.length) return;
	event.preventDefault();
	const page = make("div", {}, ...copied.flatMap((lines) => lines.filter(Boolean).map((line) => make("p", {}, line.trim()))));
	event.clipboardData.setData("text/plain", copied.map((lines) => lines.join("\n")).join("\n\n"));
	event.clipboardData.setData("text/html", page.innerHTML);
});
