package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"nod/shared/domain"
)

// inWords is how the notices name a route in the agree sentence, and what it sends.
var inWords = map[domain.Locale]map[string]string{
	domain.Chinese: {
		"photo": "照片比对", "two_factor": "姓名与证件号核对", "authority": "权威库比对", "hosted": "服务商活体检测页",
		"face_image": "人脸图像", "reference_photo": "参照照片", "name": "姓名", "id_number": "身份证号", "liveness_video": "短视频",
	},
	domain.English: {
		"photo": "photo", "two_factor": "name and ID number", "authority": "comparison with the authority’s photo",
		"hosted":     "liveness check on the service provider’s page",
		"face_image": "face image", "reference_photo": "reference photo", "name": "name", "id_number": "ID card number", "liveness_video": "short video",
	},
}

func drafts(t *testing.T) map[string]domain.NoticeDraft {
	t.Helper()
	all := map[string]domain.NoticeDraft{}
	for _, name := range notices {
		var d domain.NoticeDraft
		b, err := bodies.ReadFile("notices/" + name + ".json")
		if err == nil {
			err = json.Unmarshal(b, &d)
		}
		if err != nil {
			t.Fatal(name, err)
		}
		all[name] = d
	}
	return all
}

// The sentence that people agree to says what is sent to whom, over what, and how.
func TestD08_TheAgreeSentenceSaysWhatIsSentToWhom(t *testing.T) {
	for name, d := range drafts(t) {
		for locale, c := range d.Contents {
			over := map[domain.Locale]string{domain.Chinese: "互联网", domain.English: "over the internet"}[locale]
			wanted := []string{over}
			for _, r := range d.Facts.Recipients {
				wanted = append(wanted, r.Name)
			}
			for _, r := range d.Facts.Routes {
				wanted = append(wanted, "“"+inWords[locale][string(r)]+"”")
			}
			for _, k := range d.Facts.DataKinds {
				if k != "subject_id" { // which is not sent
					wanted = append(wanted, inWords[locale][k])
				}
			}
			holds(t, fmt.Sprintf("%s, %s: the agree sentence", name, locale), c.Agree, wanted...)
		}
	}
}

// The text and the facts beside it say the same.
func TestD09_TheTextSaysWhatTheFactsSay(t *testing.T) {
	for name, d := range drafts(t) {
		for locale, c := range d.Contents {
			wanted := []string{d.Facts.Necessity[locale], d.Facts.Impact[locale], d.Facts.Contact[locale], c.Alternative,
				fmt.Sprint(d.Facts.RetentionDays), fmt.Sprint(d.Facts.ConsentDays), "48"}
			for _, r := range d.Facts.Recipients {
				wanted = append(wanted, r.Name)
			}
			stop := map[domain.Locale]string{domain.Chinese: "。", domain.English: ". "}[locale]
			for sentence := range strings.SplitSeq(strings.TrimSuffix(d.Facts.Rights[locale], stop), stop) {
				wanted = append(wanted, sentence) // the text has them under two headings
			}
			holds(t, fmt.Sprintf("%s, %s: the text", name, locale), c.Body, wanted...)
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
