"""Pages of the establishments, without account: what a personal link opens."""

from django.urls import path

from surveys.views import replies, reply_acts

urlpatterns = [
    path("", replies.reply_list, name="reply_list"),
    path("<int:invitation>/", replies.reply_edit, name="reply_edit"),
    path("<int:invitation>/brouillon/", replies.reply_draft, name="reply_draft"),
    path("<int:invitation>/ouverture/", replies.reply_opened, name="reply_opened"),
    path("<int:invitation>/accuse/", replies.reply_receipt, name="reply_receipt"),
    path("<int:invitation>/confier/", reply_acts.reply_delegate, name="reply_delegate"),
    path("<int:invitation>/confier/<int:child>/retirer/", reply_acts.reply_revoke, name="reply_revoke"),
    path("<int:invitation>/pas-moi/", reply_acts.reply_disown, name="reply_disown"),
    path("<int:invitation>/fichiers/<uuid:file>/", reply_acts.reply_file, name="reply_file"),
]
