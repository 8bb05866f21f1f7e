// 给监护人看的页面文字。
export default {
  guardian: {
    about: '关于您', choose: '请选择', missing: '请选择一项。',
    relation: { label: '您是孩子的', mother: '母亲', father: '父亲', grandparent: '祖父母或外祖父母', sibling: '哥哥或姐姐', other_guardian: '其他监护人' },
    reached_by: { label: '您是怎样收到这个链接的？', sms: '短信', email: '邮件', in_person: '当面', app: '应用里的消息', other: '其他方式' },
    done: '已记录您的同意', elsewhere: '您要做的都完成了。核验在孩子自己的设备上进行。',
    open: '孩子自己还没有同意。', consented: '现在可以进行核验了。', over: '核验已经结束。', close: '可以关闭这个页面。',
    expired: { text: '如果还需要，学习平台会再给您发一个链接。' },
    other: { title: '孩子自己没有同意', text: '不会进行核验，也不需要您决定什么。' },
  },
}
