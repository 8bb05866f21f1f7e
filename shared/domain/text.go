package domain

// Locale is a language Nod speaks to people in.
type Locale string

const (
	Chinese Locale = "zh-CN"
	English Locale = "en"
)

// Locales lists the languages of pages, problems and starter texts; a Notice may
// be published in any of them, Chinese always among them (PIPL art. 17 asks for
// language the person understands; the product is used in mainland China).
var Locales = []Locale{Chinese, English}

// Valid reports whether Nod knows the locale.
func (l Locale) Valid() bool { return l == Chinese || l == English }

// Texts is one text in several languages.
type Texts map[Locale]string

// In returns the text in the locale, or in Chinese, or in whatever there is.
func (t Texts) In(l Locale) string {
	for _, try := range []Locale{l, Chinese, English} {
		if s := t[try]; s != "" {
			return s
		}
	}
	return ""
}

func (t Texts) equal(o Texts) bool {
	if len(t) != len(o) {
		return false
	}
	for l, s := range t {
		if o[l] != s {
			return false
		}
	}
	return true
}
