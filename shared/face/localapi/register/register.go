// Package register is the authority's register of the embedded face API: a handful of
// made-up people, for tests, the demo and the demo learning platform.
//
// None of them exists. Their names say what they are for (示例 is "example", 样本 is
// "sample"). Their ID numbers are valid by form and check character, but begin with an
// administrative code that no county has ever had, so that they cannot be anybody's.
// Their faces are the two free portraits of package portraits.
//
// Adults keep their numbers for ever. The two who must stay 16 and 12 are born on the
// first of January of a year that moves along, so that their numbers change with the year
// (by China's time) and hold all through it.
package register

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"sync"
	"time"

	"nod/shared/face/localapi/portraits"
)

// Entry is one person.
type Entry struct {
	Name     string
	IDNumber string
	Birth    time.Time // midnight in China
	// Photo is the authority's photograph, an image file; empty if it has none. The
	// caller must not change the bytes.
	Photo []byte
	// Missing is set for somebody whom the authority does not know: name and number are
	// well formed, and there is no record of them.
	Missing bool
}

// The people, by what they are for.
const (
	Collins = "林示例"   // an adult with Collins' portrait; the number ends in X
	Hopper  = "何示范"   // an adult with Hopper's portrait
	Sixteen = "周样本"   // is 16, with Collins' portrait
	Twelve  = "吴样例"   // is 12, with Hopper's portrait
	NoPhoto = "郑无照"   // an adult without a photo
	Poor    = "冯小照"   // an adult whose photo is too small to compare
	Unknown = "陈未录"   // an adult of whom there is no record
	Dotted  = "阿示·依例" // an adult with a name of two parts and Hopper's portrait
)

// At returns the people as they are on a day.
func At(today time.Time) []Entry {
	thisYear := today.In(china).Year()
	return []Entry{
		entry(Collins, day(1990, time.March, 7), 102, portraits.Collins),
		entry(Hopper, day(1985, time.October, 21), 204, portraits.Hopper),
		entry(Sixteen, day(thisYear-16, time.January, 1), 306, portraits.Collins),
		entry(Twelve, day(thisYear-12, time.January, 1), 408, portraits.Hopper),
		entry(NoPhoto, day(1978, time.June, 30), 501, nil),
		entry(Poor, day(1996, time.February, 29), 602, small()),
		missing(entry(Unknown, day(1969, time.December, 31), 703, nil)),
		entry(Dotted, day(2000, time.May, 5), 804, portraits.Hopper),
	}
}

// Find returns the person of that name; the second value tells whether there is one.
func Find(people []Entry, name string) (Entry, bool) {
	for _, e := range people {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, china)
}

func entry(name string, birth time.Time, sequence int, photo []byte) Entry {
	return Entry{Name: name, IDNumber: Number(birth, sequence), Birth: birth, Photo: photo}
}

func missing(e Entry) Entry {
	e.Missing = true
	return e
}

// small is a picture in which the face has some 25 pixels: enough to be found, too few to
// compare.
var small = sync.OnceValue(func() []byte {
	whole, err := jpeg.Decode(bytes.NewReader(portraits.Hopper))
	if err != nil {
		panic(err) // the file is part of this binary
	}
	face := portraits.Scaled(whole, 0.1)
	sheet := image.NewRGBA(image.Rect(0, 0, 96, 96))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	draw.Draw(sheet, face.Bounds().Add(image.Pt(20, 16)), face, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, sheet, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
})
