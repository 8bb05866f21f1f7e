package localapi

import (
	"image"
	"image/draw"
	"math"
	"strings"
	"testing"
	"time"

	"nod/shared/face/localapi/portraits"
	"nod/shared/face/localapi/register"
)

func TestAuthorityHasTheVendorsResults(t *testing.T) {
	s, c := newRealName(t)
	collins := who(t, register.Collins)
	plain := portrait(t, portraits.Collins)
	two := image.NewRGBA(image.Rect(0, 0, 1024, 600))
	draw.Draw(two, image.Rect(0, 0, 512, 512), plain, image.Point{}, draw.Src)
	draw.Draw(two, image.Rect(512, 0, 1024, 600), portrait(t, portraits.Hopper), image.Point{}, draw.Src)
	photo := func(data any) members { return with(named(collins), members{"ImageBase64": data}) }
	of := func(name string) members { return with(named(who(t, name)), members{"ImageBase64": portraits.Collins}) }
	for name, tt := range map[string]struct {
		request members
		want    verdict
	}{
		"the same photo":       {photo(portraits.Collins), imageSuccess},
		"the person again":     {photo(jpegOf(portraits.Turned(plain, 15))), imageSuccess},
		"somebody of 16":       {of(register.Sixteen), imageSuccess},
		"another person":       {photo(portraits.Hopper), imageLow},
		"no face":              {photo(blank(200, 200)), imageNoFaces},
		"two faces":            {photo(jpegOf(two)), imageFaces},
		"a small face":         {photo(who(t, register.Poor).Photo), imagePoor},
		"a smeared face":       {photo(jpegOf(portraits.Blurred(plain, 5))), imagePoor},
		"no image":             {photo([]byte("this is no image")), imagePoor},
		"no base64":            {photo("***"), imagePoor},
		"a BMP":                {photo(bmpOf(plain)), imagePoor},
		"a tiny image":         {photo(blank(63, 63)), imageSize},
		"a very wide image":    {photo(blank(2001, 64)), imageSize},
		"more than 3 MB":       {photo(strings.Repeat("A", maxLifePhoto+4)), imageSize},
		"more than 5 MB":       {photo(strings.Repeat("A", maxEncoded+4)), imageSize},
		"nobody's number":      {of(register.Unknown), imageNoRecord},
		"without a photo":      {of(register.NoPhoto), imageNoPhoto},
		"with a poor photo":    {of(register.Poor), imageRecordPoor},
		"somebody else's name": {with(photo(portraits.Collins), members{"Name": register.Hopper}), imageMismatch},
		"a malformed number":   {with(photo(portraits.Collins), members{"IdCard": "11999919900307102x"}), imageNumberFormat},
		"a malformed name":     {with(photo(portraits.Collins), members{"Name": "Collins"}), imageNameFormat},
	} {
		t.Run(name, func(t *testing.T) {
			c.Time = c.Add(time.Minute) // every case has its own minute and day
			if c.Sub(time.Unix(noon, 0)) > 10*time.Minute {
				c.Time = nextDay(c.Time)
			}
			r, code := ask[imageResult](t, s, "ImageRecognitionV2", tt.request)
			if r.Result != tt.want.code || r.Description != tt.want.description {
				t.Errorf("%+v %s, want %+v", r, code, tt.want)
			}
			t.Logf("similarity %.2f", r.Sim)
			if passed := r.Result == "Success"; passed != (r.Sim >= 70) {
				t.Errorf("similarity %v with %s", r.Sim, r.Result)
			}
		})
	}
}

func TestPhotosAreComparedOnlySoOften(t *testing.T) {
	s, c := newRealName(t)
	start := c.Time
	request := with(named(who(t, register.NoPhoto)), members{"ImageBase64": blank(64, 64)})
	send := func(n int, want verdict) {
		t.Helper()
		for i := range n {
			if r, code := ask[imageResult](t, s, "ImageRecognitionV2", request); r.Result != want.code {
				t.Fatalf("at %v, number %d: %+v %s", c.Sub(start), i, r, code)
			}
		}
	}
	send(15, imageNoPhoto)
	send(2, imageLimit)
	c.Time = start.Add(time.Minute)
	send(15, imageNoPhoto)
	c.Time = start.Add(2 * time.Minute)
	send(1, imageLimit) // 30 a day
	request = with(request, named(who(t, register.Unknown)))
	send(1, imageNoRecord)
	request = with(request, named(who(t, register.NoPhoto)))
	c.Time = nextDay(start)
	send(1, imageNoPhoto)
}

func TestSeventyIsWhatFiftyIsToCompareFace(t *testing.T) {
	for score, want := range map[float64]float64{0: 0, 25: 35, 50: 70, 75: 85, 100: 100} {
		if got := Similarity(score); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v: %v, want %v", score, got, want)
		}
	}
	for distance := 0.0; distance <= 1.2; distance += 0.001 {
		sim, v := judged(distance)
		if (v == imageSuccess) != (sim >= 70) || (v == imageSuccess) && Score(distance) < passes || sim < 0 || sim > 100 {
			t.Errorf("distance %v: %v %v", distance, sim, v)
		}
	}
	if sim, v := judged(math.NaN()); sim != 0 || v != imageSystem {
		t.Errorf("no number: %v %v", sim, v)
	}
}
