package tencent

import (
	"context"
	"encoding/json"
	"time"

	"nod/shared/domain"
	"nod/shared/face"
)

// twoFactor asks whether a name and an ID number belong together.
func (a *API) twoFactor(ctx context.Context, c domain.Comparison) domain.Outcome {
	b, err := a.naming(nil, c.Reference.Identity, "", nil)
	if err != nil {
		return domain.Inconclusive(domain.Internal)
	}
	said, o := a.ask(ctx, a.faceID, "IdCardVerification", b)
	if o != nil {
		return *o
	}
	outcome := idCardResults.Meaning(said.Response.Result)
	if outcome.Reason == domain.PersonLimit {
		outcome.RetryAfter = untilTomorrow(time.Now())
	}
	return outcome
}

// untilTomorrow is when a limit of the vendor's day is over.
func untilTomorrow(now time.Time) time.Duration {
	const day, east = 24 * time.Hour, 8 * time.Hour
	return day - time.Duration(now.Add(east).UnixNano())%day
}

// authority has a face compared with the photo that the authority holds of whoever the
// name and the ID number belong to. "Success" says that it was compared, and Sim how
// it came out.
func (a *API) authority(ctx context.Context, c domain.Comparison) domain.Outcome {
	b, err := a.naming(nil, c.Reference.Identity, "ImageBase64", c.Capture.Base64())
	if err != nil {
		return domain.Inconclusive(domain.Internal)
	}
	said, o := a.ask(ctx, a.faceID, "ImageRecognitionV2", b)
	if o != nil {
		return *o
	}
	outcome := imageResults.Meaning(said.Response.Result)
	if outcome.Result != domain.Pass {
		return outcome
	}
	switch sim := said.Response.Sim; {
	case sim == nil || !(*sim >= 0 && *sim <= 100):
		return domain.Inconclusive(domain.FaceAPIGarbled)
	case *sim < face.AuthorityScore:
		return domain.Outcome{Result: domain.Fail}
	}
	return outcome
}

// naming writes the body of a call that names somebody: other parameters, the name and
// the number, encrypted if that is configured, and the image. It is in one buffer that
// never grows, so that it can be wiped. There may be nobody to name.
func (a *API) naming(parameters any, who *domain.Identity, image string, encoded []byte) (body, error) {
	object := []byte("{")
	if parameters != nil {
		var err error
		if object, err = json.Marshal(parameters); err != nil {
			return nil, err
		}
		object = object[:len(object)-1]
	}
	if who == nil {
		return withImage(object, image, encoded), nil
	}
	name, number, encryption := []byte(who.Name), []byte(who.IDNumber), []byte(nil)
	if a.sealer != nil {
		sealed, values, err := a.sealer.Seal([]string{"IdCard", "Name"}, [][]byte{number, name})
		if err != nil {
			return nil, err
		}
		if encryption, err = json.Marshal(sealed); err != nil {
			return nil, err
		}
		number, name = values[0], values[1]
	}
	whole := make([]byte, 0, len(object)+len(name)+len(number)+len(encryption)+len(image)+100)
	whole = append(whole, object...)
	if len(object) > 1 {
		whole = append(whole, ',')
	}
	// Neither has a letter that JSON escapes: see domain.Identity.Check.
	whole = append(append(whole, `"IdCard":"`...), number...)
	whole = append(append(append(whole, `","Name":"`...), name...), '"')
	if encryption != nil {
		whole = append(append(whole, `,"Encryption":`...), encryption...)
	}
	return withImage(whole, image, encoded), nil
}
