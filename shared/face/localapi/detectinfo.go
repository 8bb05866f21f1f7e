package localapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// infoRequest is the body of GetDetectInfoEnhanced.
type infoRequest struct {
	BizToken, RuleId string
	// InfoType are digits: 1 text, 2 pictures of the ID card, 3 the best frame, 4 the
	// video; 0, which is the default, for all.
	InfoType *string
}

// infoResult is its answer. As at the vendor it tells far more than how it came out, and
// pictures too to whoever does not ask for the text alone.
type infoResult struct {
	Text       *infoText
	IdCardData *infoIDCard
	BestFrame  *infoFrame
	VideoData  *infoVideo
}

// infoText is what the vendor tells in words. What it reads from an ID card is never
// there: the page of this package reads none.
type infoText struct {
	ErrCode                           *int
	ErrMsg                            *string
	IdCard, Name                      string
	OcrNation, OcrAddress, OcrBirth   *string
	OcrAuthority, OcrValidDate        *string
	OcrName, OcrIdCard, OcrGender     *string
	LiveStatus                        *int
	LiveMsg                           *string
	Comparestatus                     *int
	Comparemsg, Sim, Location, Mobile *string
	Extra                             string
	LivenessDetail                    []infoDetail
}

type infoDetail struct {
	ReqTime, Seq, Idcard, Name string
	Sim                        *string
	IsNeedCharge               bool
	Errcode                    int
	Errmsg                     string
	Livestatus                 *int
	Livemsg                    *string
	Comparestatus              *int
	Comparemsg                 *string
}

type infoIDCard struct{ OcrFront, OcrBack, ProcessedFrontImage, ProcessedBackImage, Avatar []byte }

type infoFrame struct {
	BestFrame  []byte
	BestFrames [][]byte
}

type infoVideo struct{ LivenessVideo []byte }

// noPicture stands where the vendor has a picture. It is sent so that a client that asks
// for more than it may have is found out.
var noPicture = []byte("no picture: the local face API sends these bytes where the vendor sends one")

// detectInfo runs GetDetectInfoEnhanced.
func detectInfo(s *Server, _ *http.Request, body []byte) (any, error) {
	var q infoRequest
	if err := parse(body, &q); err != nil {
		return nil, err
	}
	if s.ruleID == "" || q.RuleId != s.ruleID {
		return nil, errNoSuchRule
	}
	kinds := "0"
	if q.InfoType != nil {
		kinds = *q.InfoType
	}
	if kinds == "" || strings.Trim(kinds, "0123456") != "" {
		return nil, errInvalidValue
	}
	if _, err := uuid.Parse(q.BizToken); err != nil {
		return nil, errTokenIllegal
	}
	var result infoResult
	asked := func(kind string) bool { return strings.ContainsAny(kinds, "0"+kind) }
	known := s.visits.with(q.BizToken, func(one *visit) {
		if asked("1") {
			result.Text = one.text()
		}
		if one.outcome == nil {
			return
		}
		if asked("2") {
			result.IdCardData = &infoIDCard{noPicture, noPicture, noPicture, noPicture, noPicture}
		}
		if asked("3") {
			result.BestFrame = &infoFrame{noPicture, [][]byte{noPicture}}
		}
		if asked("4") {
			result.VideoData = &infoVideo{noPicture}
		}
	})
	if !known {
		return nil, errTokenExpired
	}
	return result, nil
}

// text is what the visit has come to.
func (one *visit) text() *infoText {
	t := &infoText{IdCard: string(one.idCard), Name: string(one.name), Extra: one.extra}
	o := one.outcome
	if o == nil {
		return t
	}
	message := o.message(&o.code)
	t.ErrCode, t.ErrMsg = &o.code, message
	t.LiveStatus, t.LiveMsg = o.live, o.message(o.live)
	t.Comparestatus, t.Comparemsg = o.compared, o.message(o.compared)
	if o.sim != "" {
		t.Sim = &o.sim
	}
	t.LivenessDetail = []infoDetail{{
		ReqTime: strconv.FormatInt(one.finished.UnixMilli(), 10), Seq: strings.ToLower(one.token),
		Idcard: t.IdCard, Name: t.Name, Sim: t.Sim, IsNeedCharge: o.compared != nil,
		Errcode: o.code, Errmsg: *message,
		Livestatus: t.LiveStatus, Livemsg: t.LiveMsg,
		Comparestatus: t.Comparestatus, Comparemsg: t.Comparemsg,
	}}
	return t
}

// message is the text beside a stage's code; a stage that was not reached has none.
func (o *outcome) message(code *int) *string {
	text := "成功"
	switch {
	case code == nil:
		return nil
	case *code != 0:
		text = o.chinese
	}
	return &text
}
