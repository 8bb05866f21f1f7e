package localapi

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net/http"

	"nod/shared/face/localapi/engine"
)

// imageRequest is the body of ImageRecognitionV2.
type imageRequest struct {
	identity
	ImageBase64 imageField
	Extra       string
}

// imageResult is its answer.
type imageResult struct {
	Sim                 float64
	Result, Description string
	Extra               string
}

// A verdict is a result of ImageRecognitionV2 in the vendor's words.
type verdict struct{ code, description string }

var (
	imageSuccess      = verdict{"Success", "成功"}
	imageLow          = verdict{"CompareLowSimilarity", "比对相似度未达到通过标准"}
	imageSystem       = verdict{"CompareSystemError", "调用比对引擎接口出错"}
	imageNoFaces      = verdict{"LifePhotoDetectNoFaces", "照片未检测到人脸"}
	imageFaces        = verdict{"LifePhotoDetectFaces", "照片检测到多张人脸"}
	imagePoor         = verdict{"LifePhotoPoorQuality", "照片质量太差，请检查照片"}
	imageSize         = verdict{"LifePhotoSizeError", "照片大小不符合要求"}
	imageNoRecord     = verdict{"IdNoExistSystem", "权威库没有此号，请到户籍所在地进行核实"}
	imageNoPhoto      = verdict{"IdPhotoNoExist", "权威库没有照片，请到户籍所在地进行核实"}
	imageRecordPoor   = verdict{"IdPhotoPoorQuality", "证件照质量太差，无法比对"}
	imageMismatch     = verdict{"IdNameMisMatch", "姓名和身份证号不一致，请核实后重试"}
	imageNumberFormat = verdict{"IdFormatError", "输入的身份证号有误"}
	imageNameFormat   = verdict{"NameFormatError", "输入的姓名有误"}
	imageLimit        = verdict{"IdentityAuthLimitExceeded", "认证次数超过限制，请稍后再试"}
)

// maxLifePhoto is the vendor's limit of the image in base64.
const maxLifePhoto = 3 << 20

// recognizeImage runs ImageRecognitionV2: does this face belong to the photo that the
// authority has of the person of this name and number? Whatever hinders the answer is a
// result and not an error, as at the vendor.
func recognizeImage(s *Server, r *http.Request, body []byte) (any, error) {
	var q imageRequest
	defer func() {
		q.wipe()
		clear(q.ImageBase64.data)
	}()
	if err := parse(body, &q); err != nil {
		return nil, err
	}
	if len(q.IdCard) == 0 || len(q.Name) == 0 || q.ImageBase64.encoded == 0 {
		return nil, errInvalidValue
	}
	if err := q.open(s.opener); err != nil {
		return nil, err
	}
	sim, v := s.recognize(r.Context(), &q)
	return imageResult{sim, v.code, v.description, q.Extra}, nil
}

func (s *Server) recognize(ctx context.Context, q *imageRequest) (sim float64, v verdict) {
	now := s.now()
	switch err := q.check(now); {
	case errors.Is(err, errNumberForm):
		return 0, imageNumberFormat
	case errors.Is(err, errNameForm):
		return 0, imageNameFormat
	}
	if !s.limits.take(now, use{photoMinute, q.IdCard}, use{photoDay, q.IdCard}) {
		return 0, imageLimit
	}
	if q.ImageBase64.encoded > maxLifePhoto {
		return 0, imageSize
	}
	person, known := s.find(q.IdCard)
	switch {
	case !known:
		return 0, imageNoRecord
	case person.Name != string(q.Name):
		return 0, imageMismatch
	case len(person.Photo) == 0:
		return 0, imageNoPhoto
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return 0, imageSystem
	}
	defer leave()
	one, v := s.lifePhoto(ctx, &q.ImageBase64)
	if one == nil {
		return 0, v
	}
	defer wipeDescriptor(one)
	two, err := s.face(ctx, person.Photo, &compareRequest{QualityControl: 1})
	switch {
	case errors.Is(err, errTimeout):
		return 0, imageSystem
	case err != nil:
		return 0, imageRecordPoor
	}
	defer wipeDescriptor(two)
	return judged(engine.Distance(one, two))
}

// judged turns a distance into the answer. The similarity is rounded down first, so that
// what is shown as 70 has passed.
func judged(distance float64) (sim float64, v verdict) {
	if math.IsNaN(distance) { // no answer is better than a fail that nobody earned
		return 0, imageSystem
	}
	sim = math.Floor(Similarity(Score(distance))*100) / 100
	if sim < passingSimilarity {
		return sim, imageLow
	}
	return sim, imageSuccess
}

// lifePhoto reads the one face of a photo, or says why it cannot.
func (s *Server) lifePhoto(ctx context.Context, f *imageField) (*engine.Descriptor, verdict) {
	if f.unreadable || !isPhoto(f.data) {
		return nil, imagePoor
	}
	p, err := openPicture(ctx, f.data)
	switch {
	case errors.Is(err, errTimeout):
		return nil, imageSystem
	case errors.Is(err, errTooFewPixels), errors.Is(err, errTooManyPixels):
		return nil, imageSize
	case err != nil:
		return nil, imagePoor
	}
	defer p.Wipe()
	faces, err := s.engine.Faces(ctx, p)
	switch {
	case err != nil:
		return nil, imageSystem
	case len(faces) == 0:
		return nil, imageNoFaces
	case len(faces) > 1:
		return nil, imageFaces
	}
	d, err := s.describe(ctx, p, faces[0], bars[1])
	switch {
	case errors.Is(err, errTimeout):
		return nil, imageSystem
	case err != nil:
		return nil, imagePoor
	}
	return d, verdict{}
}

// isPhoto tells whether an image is of a kind that this action takes: JPG or PNG.
func isPhoto(data []byte) bool {
	return !bytes.HasPrefix(data, []byte("BM"))
}
