package account

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"strconv"
	"time"
)

//go:embed report.css
var style string

// writer writes HTML. What stands in a format is ours; whatever is put into it is escaped,
// and may stand between tags or in an attribute's quotes.
type writer struct{ bytes.Buffer }

// markup is HTML already.
type markup string

func (w *writer) put(format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case markup:
			args[i] = string(a)
		case string:
			args[i] = html.EscapeString(a)
		case int64:
			args[i] = number(a)
		case int:
			args[i] = strconv.Itoa(a)
		default:
			panic(fmt.Sprintf("account: %T has no form in a page", a))
		}
	}
	fmt.Fprintf(w, format, args...)
}

// head begins the page. Its policy lets nothing in but the one style sheet.
func (w *writer) head() {
	sum := sha256.Sum256([]byte(style))
	w.put(`<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-%v'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>人脸核验同意报告 · Report on consents to face checks</title>
<style>%v</style>
</head>
<body>
<main>
`, markup(base64.StdEncoding.EncodeToString(sum[:])), markup(style))
}

// number writes thousands apart.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// minute writes an instant by the clock in China.
func minute(at time.Time) string { return at.In(China).Format("2006-01-02 15:04") }
