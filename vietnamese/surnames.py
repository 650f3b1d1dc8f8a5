"""The commonest Vietnamese family names (nine of ten people have one of them), for telling a name's
order and encoding.
"""

SURNAMES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ",
    "Ngô", "Dương", "Lý", "Đinh",
    "Trương", "Đoàn", "Trịnh", "Mai", "Lâm", "Lương", "Đào", "Cao", "Hà",
)  # fmt: skip
