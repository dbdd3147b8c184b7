"""The token endpoint, and a resource that wants a live token."""
from django.http import JsonResponse
from django.urls import path
from oauth2_provider.decorators import protected_resource
from oauth2_provider.views import TokenView


@protected_resource()
def resource(request):
    owner = request.resource_owner
    return JsonResponse({"user": owner.username if owner else None})


urlpatterns = [path("o/token/", TokenView.as_view()), path("resource/", resource)]
