"""Addresses of the door and of one's own account. Of django-allauth, only what is used exists."""

from django.urls import path

from accounts.views import account, proconnect, sign_in

urlpatterns = [
    # connexion/
    path("connexion/", sign_in.sign_in, name="login"),
    path("connexion/", sign_in.sign_in, name="account_login"),
    path("connexion/code/", sign_in.code, name="mfa_authenticate"),
    path("connexion/compte-suspendu/", sign_in.suspended, name="account_inactive"),
    path("connexion/demonstration/", sign_in.demonstration_sign_in, name="demonstration_sign_in"),
    path("connexion/proconnect/", proconnect.proconnect_leave, name="proconnect_leave"),
    path("connexion/proconnect/retour/", proconnect.proconnect_return, name="proconnect_return"),
    path("deconnexion/", sign_in.sign_out, name="logout"),
    # mot-de-passe/
    path("mot-de-passe/oubli/", sign_in.password_link, name="account_reset_password"),
    path("mot-de-passe/oubli/envoye/", sign_in.password_link_sent, name="account_reset_password_done"),
    path("mot-de-passe/enregistre/", sign_in.password_new_done, name="account_reset_password_from_key_done"),
    path("mot-de-passe/<slug:uidb36>/<slug:key>/", sign_in.password_new, name="account_reset_password_from_key"),
    # compte/
    path("compte/", account.account_detail, name="mfa_index"),
    path("compte/mot-de-passe/", account.password_change, name="account_change_password"),
    path("compte/confirmation/", account.password_again, name="account_reauthenticate"),
    path("compte/confirmation/code/", account.code_again, name="mfa_reauthenticate"),
    path("compte/application/", account.application_add, name="mfa_activate_totp"),
    path("compte/application/retrait/", account.application_remove, name="mfa_deactivate_totp"),
    path("compte/codes-de-secours/", account.recovery_codes, name="mfa_view_recovery_codes"),
    path("compte/codes-de-secours/nouveaux/", account.recovery_codes_new, name="mfa_generate_recovery_codes"),
]
