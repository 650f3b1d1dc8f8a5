"""The words that made-up names are put together from: surnames in the shares of 2022, middle and
given names by sex and era.

Words are separated by spaces, or by semicolons where each has its share behind it; `~` joins two
words, `-` is no word, `_` at the end joins the word to the next. Surname shares: the compilation of
2022 in per cent, Hoàng/Huỳnh and Vũ/Võ split by region; what the compilation leaves open, and all
middle and given names, are plausible, not counted.
"""

_EVERYWHERE = """
Nguyễn 31.5; Trần 10.9; Lê 8.9; Phạm 5.9; Phan 2.8; Trương 2.2; Bùi 2.1; Đặng 1.9; Đỗ 1.9; Ngô 1.7; Hồ 1.5; Dương 1.4; Hà 1.2; Lý 1.0;
Trịnh 1.0; Đinh .9; Lâm .7; Đoàn .7; Cao .7; Lương .7; Mai .6; Đào .6; Lưu .6; Thái .5; Phùng .4; Vương .4; Chu .4; Tạ .4; Tô .4; Kiều
.3; La .3; Quách .3; Tăng .3; Nghiêm .2; Quản .1; Ứng .1; Âu .1; Tôn .2; Từ .3; Trà .2; Ông .1; Doãn .1; Bạch .2; Thân .2; Văn .3; Khổng
.1; Triệu .3; Diệp .2; Giang .2; Thiều .1;
"""

SURNAMES_NORTH = _EVERYWHERE + "Hoàng 5.0; Huỳnh .1; Vũ 4.8; Võ .1"
SURNAMES_SOUTH = _EVERYWHERE + "Hoàng .9; Huỳnh 4.2; Vũ .9; Võ 4.0"

MIDDLE_BEFORE_1975 = {
    "female": (
        """
Thị 80; Ngọc 4; Kim 4; Thu 3; Bích 3; Mỹ 2; - 4
"""
    ),
    "male": (
        """
Văn 58; Đình 6; Xuân 6; Hữu 6; Đức 5; Công 5; Ngọc 4; Quang 3; - 7
"""
    ),
}

MIDDLE_BEFORE_1998 = {
    "female": (
        """
Thị 48; Thanh 7; Ngọc 6; Thu 6; Kim 4; Thùy 4; Bích 3; Phương 4; Mỹ 3; Hồng 4; Minh 3; Hoài 2; Diệu 2; Cẩm 2; - 2
"""
    ),
    "male": (
        """
Văn 34; Đức 8; Minh 6; Quang 6; Hữu 5; Xuân 5; Thanh 5; Ngọc 4; Công 4; Đình 4; Anh 3; Tuấn 3; Quốc 4; Thế 3; Trọng 3; Duy 2; - 1
"""
    ),
}

MIDDLE_SINCE_1998 = {
    "female": (
        """
Thị 17; Ngọc 14; Khánh 8; Bảo 9; Gia 5; Phương 7; Minh 7; Thùy 5; Hà 4; Quỳnh 5; Thanh 4; Tường 2; Như 4; Hoài 3; Cẩm 2; Diệu 2; - 2
"""
    ),
    "male": (
        """
Văn 10; Minh 14; Gia 11; Đức 8; Quốc 6; Hoàng 7; Anh 6; Bảo 7; Nhật 5; Thành 4; Đăng 4; Tuấn 5; Quang 5; Thế 2; Duy 3; Trọng 2; - 1
"""
    ),
}

GIVEN_BEFORE_1975 = {
    "female": (
        """
Lan Hoa Hồng Mai Hương Thơm Tý Sáu Bảy Tám Út Hai Ba Tư Năm Chín Mười Lành Hiền Nhàn Thìn Sửu Dần Mão Tỵ Ngọ Mùi Thân Dậu Tuất Hợi Cúc
Đào Liên Sen Nhung Lụa Gấm Vóc Xuyến Thoa Vòng Nga Loan Phượng Yến Oanh Én Bé Gái Lài Lý Huệ Thu Đông Xuân Hạ Bưởi Bông Đẹp Tốt Hòa
Thuận Mận
"""
    ),
    "male": (
        """
Hùng Dũng Sơn Hải Bình Thành Long Minh Hòa Thắng Lợi Tài Phúc Lộc Thọ Khang Ninh Đức Hậu Trung Nghĩa Cường Quyết Chiến Tiến Lập Ba Tư
Năm Sáu Bảy Tám Chín Mười Hai Út Tý Sửu Dần Mão Thìn Tỵ Ngọ Mùi Thân Dậu Tuất Hợi Bé Đực Cu Rạng Sáng Mẫn Cần Kiệm Liêm Chính Nhân Lễ
Trí Tín Đạo Giáp
"""
    ),
}

GIVEN_BEFORE_1998 = {
    "female": (
        """
Hương Hoa Lan Thảo Thủy Thúy Thùy Hà Hạnh Hằng Hiền Hòa Hồng Huệ Huyền Linh Loan Ly Mai Minh My Mỹ Nga Ngân Ngọc Nguyệt Nhung Như Oanh
Phương Phượng Quyên Quỳnh Tâm Thanh Thu Thuận Thư Thơ Trang Trâm Trinh Trúc Tú Tuyết Vân Vy Xuân Yến Ánh Châu Chi Diễm Diệp Dung Duyên
Giang Bích
"""
    ),
    "male": (
        """
Hùng Hưng Dũng Sơn Hải Bình Thành Long Minh Hòa Thắng Lợi Tài Phúc Lộc Thọ Khánh Đức Hậu Trung Nghĩa Cường Chiến Tiến Anh Bảo Chung Danh
Duy Đạt Giang Hà Hiếu Hoàng Huy Khoa Khôi Kiên Lâm Luân Mạnh Nam Phong Quân Quang Quý Sang Tâm Tân Thái Thiện Tín Toàn Trường Tú Tuấn
Tùng Việt Vinh Vũ
"""
    ),
}

GIVEN_SINCE_1998 = {
    "female": (
        """
Anh Châu Chi Giang Hân Hà Linh Ly Mai My Ngân Ngọc Nhi Như Phương Quỳnh Thảo Thư Trang Trâm Trúc Uyên Vy Yến Khuê Nghi San Tiên Thy
Dương Diệp Duyên Hằng Hiền Khánh Lam Băng Đan Ánh Tuệ Bảo~Châu Bảo~Ngọc Khánh~Linh Minh~Anh Phương~Anh Gia~Hân Thiên~Kim Tuệ~Nhi Mai~Anh
Hà~My Diệu~Anh
"""
    ),
    "male": (
        """
Anh Bảo Duy Đạt Đăng Dương Hiếu Hoàng Huy Hưng Khang Khánh Khoa Khôi Kiên Lâm Long Minh Nam Nghĩa Nguyên Nhân Phát Phong Phúc Quân Quang
Sơn Tài Tâm Thành Thiên Thịnh Tiến Toàn Trí Trung Tuấn Tùng Việt Vinh Vũ Bình~Minh Gia~Bảo Minh~Khôi Đức~Anh Nhật~Minh Tuấn~Kiệt
Quốc~Bảo Thiên~Ân Hải~Đăng
"""
    ),
}

EDE_CLANS = "Niê Êban Mlô Ksơr Byă Kbuôr Knul Ayŭn Hwing Buôn~Yă Kpă Rơ~Chăm Adrơng Ênuôl"

TWINS = {
    "female": (
        """
Hòa Hoa; Thúy Thùy; Lan Loan; Ngân Nga; Vân Vấn; Trang Trâm; Thảo Thao; Hạnh Hằng; Ngọc Ngà; Yến Oanh; Linh Lính; Mỹ My;
Hoàng Hồng; Thúy Thu~Ý; Thuân Thu~Ân
"""
    ),
    "male": (
        """
Hùng Hưng; Khánh Khanh; Tuân Tuấn; Long Lộng; Hải Hại; Đạt Đạo; Sơn Sinh; Tài Tại; Thắng Thăng; Hiếu Hiệu; Quân Quận; Phúc Phước;
Hoàng Hồng; Toàn Tồn; Tuấn Tú~Ân
"""
    ),
}
"""Given names of twins: apart by a word, by one accent, by a space, or one what an old encoding
makes of the other (Hoàng, Hồng).
"""
