namespace Amp.LocalService.Http;

/// <summary>The one user of the service.</summary>
internal static class LocalUser
{
    public const string Id = "user_local";

    public static object Info { get; } = new
    {
        id = Id,
        email = "local@localhost",
        username = "local",
        firstName = "Local",
        lastName = "User",
        emailVerified = true,
        features = Array.Empty<object>(),
        team = (object?)null,
        workspace = (object?)null,
        mysteriousMessage = (object?)null,
        siteAdmin = false,
    };
}
