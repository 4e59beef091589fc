"""Addresses of the staff pages. Of allauth only signing in is used: no sign-up, no e-mail pages."""

from django.urls import URLPattern, path

from .views import review, review_edit, sign_in, staff, staff_correct, staff_entry

urlpatterns: list[URLPattern] = [
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("inactive/", sign_in.inactive, name="account_inactive"),
    path("link/<str:token>/", sign_in.link, name="staff_link"),
    path("password/", sign_in.password, name="staff_password"),
    path("", staff.day, name="staff_day"),
    path("new/", staff_entry.new, name="staff_new"),
    path("samples/<uuid:id>/", staff.sample, name="staff_sample"),
    path("samples/<uuid:id>/card/", staff.card, name="staff_card"),
    path("samples/<uuid:id>/add/", staff_entry.add, name="staff_add"),
    path("results/<uuid:id>/correct/", staff_correct.correct, name="staff_correct"),
    path("results/<uuid:id>/withdraw/", staff.withdraw, name="staff_withdraw"),
    path("review/", review.review, name="review"),
    path("review/signals/<int:id>/", review.signal, name="review_signal"),
    path("review/signals/<int:id>/draft/", review.draft_from_signal, name="review_draft"),
    path("review/signals/<int:id>/dismiss/", review.dismiss, name="review_dismiss"),
    path("review/alerts/<uuid:id>/", review.alert, name="review_alert"),
    path("review/alerts/<uuid:id>/edit/", review_edit.edit, name="review_edit"),
    path("review/alerts/<uuid:id>/<slug:step>/", review.take_step, name="review_step"),
]
