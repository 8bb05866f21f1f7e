package web

import "bytes"

// cutImage takes the value of the top-level field "image" out of a JSON body
// without copying it: image aliases the body, rest is the body with an empty string
// in its place. Only the escape \/ is undone (some encoders write it), in the body
// itself; any other escape stays and is no base64. A body that is not an object or
// has no such string is returned whole.
//
// The image is found here, and not by a JSON decoder, so that it stays in the one
// buffer that is wiped.
func cutImage(body []byte) (image, rest []byte) {
	start, end := imageSpan(body)
	if start < 0 {
		return nil, body
	}
	rest = make([]byte, 0, len(body)-(end-start))
	rest = append(append(rest, body[:start]...), body[end:]...)
	return unescapeSlashes(body[start:end]), rest
}

// imageSpan finds the bytes between the quotes of the value.
func imageSpan(body []byte) (start, end int) {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			close := endOfString(body, i)
			if close < 0 {
				return -1, -1
			}
			key := body[i+1 : close]
			i = close
			value := valueAfter(body, close)
			if depth != 1 || value < 0 || !bytes.Equal(key, []byte("image")) {
				continue
			}
			if body[value] != '"' {
				return -1, -1
			}
			if last := endOfString(body, value); last >= 0 {
				return value + 1, last
			}
			return -1, -1
		}
	}
	return -1, -1
}

// endOfString returns the index of the quote that ends the string opened at i.
func endOfString(body []byte, i int) int {
	for i++; i < len(body); i++ {
		switch body[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// valueAfter returns where the value of a key begins whose closing quote is at i,
// or -1 if no colon follows: then the string was no key.
func valueAfter(body []byte, i int) int {
	colon := false
	for i++; i < len(body); i++ {
		switch c := body[i]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		case c == ':' && !colon:
			colon = true
		case colon:
			return i
		default:
			return -1
		}
	}
	return -1
}

// unescapeSlashes compacts text in place; the bytes left over are cleared.
func unescapeSlashes(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 {
		return text
	}
	n := 0
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && text[i+1] == '/' {
			continue
		}
		text[n] = text[i]
		n++
	}
	clear(text[n:])
	return text[:n]
}
