package setting
