package mail

import "strconv"

// word takes one control word (Rich Text Format 1.9.1, and MS-OXRTFEX, 2.1.3).
func (r *rtfReader) word(word string, number int, given, star bool) {
	if r.destination(word, star) {
		return
	}
	switch word {
	case "u":
		r.unit(number)
		return
	case "uc":
		r.state.fallback = min(max(number, 0), 10)
	case "bin":
		r.bin(number)
	case "ansicpg":
		r.page = pageOf(number)
	case "fromhtml":
		r.html = r.html || !given || number != 0
	case "htmlrtf":
		r.flush()
		r.state.layout = !given || number != 0
	case "f":
		r.flush()
		r.state.font = number
	case "fcharset":
		if page := fontPage(number); r.state.fonts && page != "" && len(r.fonts) < 1000 {
			r.fonts[r.state.font] = page
		}
	case "deff":
		r.first, r.state.font = number, number
	case "plain":
		r.flush()
		r.state.font = r.first
	default:
		if s := rtfSign(word); s != "" {
			r.say(s)
		}
		return
	}
	r.after = 0
}

// destination begins what isn't the document's text; it says whether the word did.
func (r *rtfReader) destination(word string, star bool) bool {
	switch word {
	case "htmltag":
		r.flush()
		r.state.tag, r.state.skip = true, r.state.skip || !r.html
	case "fonttbl":
		r.state.fonts = true
	case "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf",
		"listtable", "listoverridetable", "rsidtbl", "themedata", "colorschememapping", "datastore", "latentstyles", "mhtmltag", "fldinst", "xmlnstbl":
		r.flush()
		r.state.skip = true
	default:
		if !star {
			return false
		}
		r.flush()
		r.state.skip = true
	}
	return true
}

// rtfSign is what a control word says in the text.
func rtfSign(word string) string {
	switch word {
	case "par", "line", "sect", "page", "row", "softline":
		return "\n"
	case "tab", "cell", "nestcell":
		return "\t"
	case "lquote":
		return "‘"
	case "rquote":
		return "’"
	case "ldblquote":
		return "“"
	case "rdblquote":
		return "”"
	case "bullet":
		return "•"
	case "endash":
		return "–"
	case "emdash":
		return "—"
	case "emspace", "enspace", "qmspace":
		return " "
	}
	return ""
}

// fontPage is the code page of a font's set of characters, "" for the document's own.
func fontPage(set int) string {
	return map[int]string{128: "shift_jis", 129: "euc-kr", 134: "gb18030", 136: "big5", 161: "windows-1253", 162: "windows-1254", 163: "windows-1258",
		177: "windows-1255", 178: "windows-1256", 186: "windows-1257", 204: "windows-1251", 222: "windows-874", 238: "windows-1250"}[set]
}

// pageOf is the charset of a Windows code page.
func pageOf(n int) string {
	switch n {
	case 936, 54936:
		return "gb18030"
	case 950:
		return "big5"
	case 932:
		return "shift_jis"
	case 949:
		return "euc-kr"
	case 65001:
		return "utf-8"
	default:
		return "windows-" + strconv.Itoa(n)
	}
}
