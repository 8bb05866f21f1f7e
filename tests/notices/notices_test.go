package notices

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"nod/shared/domain"
)

var update = flag.Bool("update", false, "write docs/notices/*.json anew")

const folder = "../../docs/notices"

const (
	tencent    = "腾讯云计算（北京）有限责任公司"
	itsContact = "数据隐私保护部，Dataprivacy@tencent.com；北京市海淀区西北旺东路 10 号院西区 9 号楼 4 层 401"
)

type object = map[string]any

// language is the texts in one language: templates over what the purpose, the route and
// the audience fill in.
type language struct {
	contact, title, summary, body, agree, alternative string
	necessity, impact, rights                         string
	purposes, routes                                  map[string]object
	who                                               map[bool]object // what the reader is called, by whether a guardian reads
	mine                                              map[bool]object // and how they speak of themselves when they agree
}

// suited are the routes that make sense for a purpose: name and number do not show who
// sits at the screen, and the enterprise's own photo proves no name.
var suited = map[domain.Purpose][]domain.Route{
	domain.Training: {domain.Photo, domain.Authority, domain.Hosted},
	domain.Exam:     {domain.Photo, domain.Authority, domain.Hosted},
	domain.RealName: {domain.TwoFactor, domain.Authority, domain.Hosted},
}

// body is that of POST /v1/notices.
type body struct {
	Purpose      domain.Purpose                    `json:"purpose"`
	Audience     domain.Audience                   `json:"audience"`
	DelegationID string                            `json:"delegation_id"`
	Facts        facts                             `json:"facts"`
	Contents     map[domain.Locale]domain.Contents `json:"contents"`
}

type facts struct {
	Routes        []domain.Route        `json:"routes"`
	Liveness      bool                  `json:"liveness"`
	Recipients    []domain.Subprocessor `json:"recipients"`
	DataKinds     []string              `json:"data_kinds"`
	RetentionDays int                   `json:"retention_days"`
	ConsentDays   int                   `json:"consent_days"`
	Necessity     domain.Texts          `json:"necessity"`
	Impact        domain.Texts          `json:"impact"`
	Rights        domain.Texts          `json:"rights"`
	Contact       domain.Texts          `json:"contact"`
}

func write(p domain.Purpose, r domain.Route, a domain.Audience) body {
	kinds := domain.KindsFor(r)
	if r == domain.Hosted { // whose page is told who is expected
		kinds = append(kinds, "name", "id_number")
	}
	b := body{
		Purpose: p, Audience: a, Contents: map[domain.Locale]domain.Contents{},
		Facts: facts{
			Routes: []domain.Route{r}, Liveness: r == domain.Hosted, DataKinds: kinds,
			Recipients:    []domain.Subprocessor{{Name: tencent, Contact: itsContact, Route: r}},
			RetentionDays: domain.LeastRetentionDays, ConsentDays: 365,
			Necessity: domain.Texts{}, Impact: domain.Texts{}, Rights: domain.Texts{}, Contact: domain.Texts{},
		},
	}
	for locale, l := range map[domain.Locale]language{domain.Chinese: chinese, domain.English: english} {
		v := object{"Guardian": a == domain.Guardian, "Face": r.TakesFace() || r == domain.Hosted, "Register": r != domain.Photo}
		maps.Copy(v, l.who[a == domain.Guardian])
		for _, parts := range []object{l.purposes[string(p)], l.routes[string(r)]} {
			for name, text := range parts {
				v[name] = filled(text.(string), v)
			}
		}
		own := maps.Clone(v)
		maps.Copy(own, l.mine[a == domain.Guardian])
		v["AimMine"] = filled(l.purposes[string(p)]["Aim"].(string), own)
		v["SentMine"] = filled(l.routes[string(r)]["Sent"].(string), own)
		v["Contact"], v["Necessity"], v["Impact"], v["Rights"] = l.contact, filled(l.necessity, v), filled(l.impact, v), filled(l.rights, v)
		v["Alternative"] = filled(l.alternative, v)
		b.Facts.Contact[locale], b.Facts.Necessity[locale] = l.contact, filled(l.necessity, v)
		b.Facts.Impact[locale], b.Facts.Rights[locale] = filled(l.impact, v), filled(l.rights, v)
		b.Contents[locale] = domain.Contents{
			Title: filled(l.title, v), Summary: filled(l.summary, v), Body: filled(l.body, v),
			Agree: filled(l.agree, v), Alternative: filled(l.alternative, v),
		}
	}
	return b
}

func filled(text string, v object) string {
	var b strings.Builder
	t := template.Must(template.New("").Option("missingkey=error").Parse(text))
	if err := t.Execute(&b, v); err != nil {
		panic(err)
	}
	return b.String()
}

// all are the notices by the names of their files.
func all() map[string]body {
	list := map[string]body{}
	for p, routes := range suited {
		for _, r := range routes {
			for _, a := range []domain.Audience{domain.Adult, domain.Guardian} {
				list[fmt.Sprintf("%s-%s-%s.json", p, r, a)] = write(p, r, a)
			}
		}
	}
	return list
}

func TestTheNoticesAreUpToDate(t *testing.T) {
	notices := all()
	for name, b := range notices {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, name)
		if *update {
			if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s is out of date (%v): go test ./tests/notices -update", name, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != len(notices) {
		t.Errorf("there are %d files for %d notices, %v", len(files), len(notices), err)
	}
}

// read is a notice as an administrator would send it.
func read(t *testing.T, name string) (d domain.NoticeDraft) {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(name, err)
	}
	return d
}

// inWords is how a route, or a kind of data, is named in the sentence.
var inWords = map[domain.Locale]map[string]string{
	domain.Chinese: {"face_image": "人脸图像", "reference_photo": "参照照片", "name": "姓名", "id_number": "身份证号", "liveness_video": "短视频"},
	domain.English: {"face_image": "face image", "reference_photo": "reference photo", "name": "name", "id_number": "ID card number", "liveness_video": "short video"},
}

// The sentence that people agree to says what is sent to whom, over what, and how.
func TestD08_EveryAgreeSentenceSaysWhatIsSentToWhom(t *testing.T) {
	for name := range all() {
		d := read(t, name)
		for locale, c := range d.Contents {
			l := map[domain.Locale]language{domain.Chinese: chinese, domain.English: english}[locale]
			wanted := []string{map[domain.Locale]string{domain.Chinese: "通过互联网", domain.English: "over the internet"}[locale],
				d.Facts.Recipients[0].Name, l.routes[string(d.Facts.Routes[0])]["Route"].(string)}
			for _, k := range d.Facts.DataKinds {
				if word := inWords[locale][k]; k != "subject_id" { // which is not sent
					wanted = append(wanted, word)
				}
			}
			for k, word := range inWords[locale] {
				if !slices.Contains(d.Facts.DataKinds, k) && k != "name" && strings.Contains(c.Agree, word) {
					t.Errorf("%s, %s: the sentence says %q, which is not used", name, locale, word)
				}
			}
			holds(t, name+", "+string(locale)+", the agree sentence", c.Agree, wanted...)
		}
	}
}

// Each is a draft that Nod takes, and its text says what the facts beside it say.
func TestD09_EveryNoticeIsCompleteAndSaysWhatItsFactsSay(t *testing.T) {
	for name := range all() {
		d := read(t, name)
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for locale, c := range d.Contents {
			holds(t, name+", "+string(locale)+", the text", c.Body, d.Facts.Necessity[locale], d.Facts.Impact[locale], d.Facts.Rights[locale],
				d.Facts.Contact[locale], c.Alternative, d.Facts.Recipients[0].Name, d.Facts.Recipients[0].Contact,
				fmt.Sprint(d.Facts.RetentionDays), fmt.Sprint(d.Facts.ConsentDays), "48", "【")
			for _, text := range []string{c.Title, c.Summary, c.Body, c.Agree, c.Alternative} {
				if strings.Contains(text, "{{") || strings.Contains(text, "\n\n\n") || strings.Contains(text, "  ") {
					t.Errorf("%s, %s: %q", name, locale, text)
				}
			}
		}
	}
}

// Those for guardians speak to the child as well, in the first words.
func TestD23_ANoticeForGuardiansSpeaksToTheChildFirst(t *testing.T) {
	for name := range all() {
		d := read(t, name)
		for locale, first := range map[domain.Locale]string{domain.Chinese: "写给你", domain.English: "For you, if you are the child"} {
			if got := strings.HasPrefix(d.Contents[locale].Body, first); got != (d.Audience == domain.Guardian) {
				t.Errorf("%s, %s begins with %.40q", name, locale, d.Contents[locale].Body)
			}
		}
	}
}

func holds(t *testing.T, what, text string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if w == "" || !strings.Contains(text, w) {
			t.Errorf("%s does not hold %q", what, w)
		}
	}
}
