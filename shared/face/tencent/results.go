package tencent

import (
	"time"

	"nod/shared/domain"
)

// Results are what one call of FaceID can say in a successful answer, and what each means
// to Nod. What is not listed is FaceAPIUnknown: never a pass, never a fail.
type Results struct {
	Action string
	List   []result
}

// result is one of them. Without a reason it is a verdict.
type result struct {
	code    string
	verdict domain.Result
	reason  domain.Reason
}

func passed(code string) result                       { return result{code: code, verdict: domain.Pass} }
func failed(code string) result                       { return result{code: code, verdict: domain.Fail} }
func undecided(code string, why domain.Reason) result { return result{code, domain.NotPerformed, why} }

// idCardResults are those of IdCardVerification (Tencent Cloud document 1007/33188).
var idCardResults = Results{"IdCardVerification", []result{
	passed("0"),
	failed("-1"),
	undecided("-2", domain.IdentityBad),
	undecided("-3", domain.IdentityBad),
	undecided("-4", domain.FaceAPIDown),
	undecided("-5", domain.CannotAnswer),
	undecided("-6", domain.FaceAPIDown),
	undecided("-7", domain.PersonLimit),
}}

// imageResults are those of ImageRecognitionV2. Success says that faces were compared.
var imageResults = Results{"ImageRecognitionV2", []result{
	passed("Success"),
	failed("CompareLowSimilarity"),
	failed("CompareFail"),
	failed("IdNameMisMatch"),
	undecided("LifePhotoDetectFake", domain.NotLive),
	undecided("LifePhotoDetectFaces", domain.FaceUnclear),
	undecided("LifePhotoDetectNoFaces", domain.NoFace),
	undecided("LifePhotoPoorQuality", domain.FaceUnclear),
	undecided("LifePhotoSizeError", domain.ImageDimensions),
	undecided("IdNoExistSystem", domain.CannotAnswer),
	undecided("IdPhotoNoExist", domain.CannotAnswer),
	undecided("IdPhotoPoorQuality", domain.CannotAnswer),
	undecided("IdFormatError", domain.IdentityBad),
	undecided("NameFormatError", domain.IdentityBad),
	undecided("IdentityAuthLimitExceeded", domain.PersonLimit),
	undecided("CompareSystemError", domain.FaceAPIDown),
	undecided("CompareLibServiceUnavailable", domain.FaceAPIDown),
	undecided("IdPhotoSystemNoanswer", domain.FaceAPIDown),
	undecided("UnKnown", domain.FaceAPIDown),
	undecided("DecryptSystemError", domain.FaceAPIRefused),
	undecided("StsUnAuthErrError", domain.FaceAPIRefused),
}}

// visitCodes are the values of ErrCode in an answer of GetDetectInfoEnhanced (Tencent
// Cloud document 1007/47912). A person who did not get through the liveness test has not
// failed: nobody was compared.
var visitCodes = Results{"GetDetectInfoEnhanced", []result{
	passed("0"),
	undecided("15", domain.HostedExpired),
	undecided("18", domain.FaceAPIBusy),
	undecided("1001", domain.FaceAPISlow),
	undecided("1003", domain.NotLive),
	undecided("1004", domain.NotLive),
	undecided("1005", domain.NotLive),
	undecided("1007", domain.FaceAPIRefused), // risk control
	undecided("1202", domain.FaceUnclear),
	undecided("2002", domain.IdentityBad),
	undecided("2003", domain.IdentityBad),
	failed("2006"),
	undecided("2011", domain.NotLive),
	failed("2015"),
	failed("2016"),
	undecided("2017", domain.FaceAPIDown),
}}

// All lists the results of every call, for the document that is made of them.
var All = []Results{idCardResults, imageResults, visitCodes}

// Codes lists the results.
func (r Results) Codes() (list []string) {
	for _, known := range r.List {
		list = append(list, known.code)
	}
	return list
}

// Meaning maps a result to an outcome. Of one that is unknown, nothing but that goes into
// the operator's log.
func (r Results) Meaning(code string) domain.Outcome {
	for _, known := range r.List {
		if known.code == code {
			o := domain.Outcome{Result: known.verdict, Reason: known.reason, RetryAfter: waits[known.reason]}
			if known.reason != "" {
				o.Upstream = r.Action + " " + code
			}
			return o
		}
	}
	o := domain.Inconclusive(domain.FaceAPIUnknown)
	o.Upstream = r.Action + " unknown"
	return o
}

// waits are after what time it is worth asking again where the vendor counts. The limit
// per person is one of a minute and one of a day, and it does not say which was met.
var waits = map[domain.Reason]time.Duration{
	domain.FaceAPIBusy: busyFor,
	domain.PersonLimit: time.Minute,
}
