print("mailbridge")
