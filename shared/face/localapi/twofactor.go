package localapi

import (
	"errors"
	"net/http"
)

// idCardResult is the answer of IdCardVerification.
type idCardResult struct{ Result, Description string }

// The vendor's results of IdCardVerification, of those that can come about here.
var (
	idMatch    = idCardResult{"0", "姓名和身份证号一致"}
	idMismatch = idCardResult{"-1", "姓名和身份证号不一致"}
	idNumber   = idCardResult{"-2", "非法身份证号（长度、校验位等不正确）"}
	idName     = idCardResult{"-3", "非法姓名（长度、格式等不正确）"}
	idNoRecord = idCardResult{"-5", "证件库中无此身份证记录"}
	idLimit    = idCardResult{"-7", "认证次数超过当日限制，请次日重试"}
)

// verifyIDCard runs IdCardVerification: do this name and this number belong together?
func verifyIDCard(s *Server, _ *http.Request, body []byte) (any, error) {
	var q identity
	defer q.wipe()
	if err := parse(body, &q); err != nil {
		return nil, err
	}
	if len(q.IdCard) == 0 || len(q.Name) == 0 {
		return nil, errInvalidValue
	}
	if err := q.open(s.opener); err != nil {
		return nil, err
	}
	now := s.now()
	switch err := q.check(now); {
	case errors.Is(err, errNumberForm):
		return idNumber, nil
	case errors.Is(err, errNameForm):
		return idName, nil
	}
	if !s.limits.take(now, use{nameDay, q.Name}, use{numberDay, q.IdCard}) {
		return idLimit, nil
	}
	person, known := s.find(q.IdCard)
	switch {
	case !known:
		return idNoRecord, nil
	case person.Name != string(q.Name):
		return idMismatch, nil
	}
	return idMatch, nil
}
