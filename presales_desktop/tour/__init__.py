"""The tour: the whole chain driven through the real window, as pictures and PDFs; also every screen as a picture."""
