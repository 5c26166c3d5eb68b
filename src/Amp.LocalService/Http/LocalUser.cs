namespace Amp.LocalService.Http;

/// <summary>The one user of the service.</summary>
internal static class LocalUser
{
    public const string Id = "user_local";

    private static object Team { get; } = new
    {
        id = "team_local",
        name = "local",
        displayName = "Local",
        billingMode = "enterprise",
        groups = Array.Empty<object>(),
    };

    public static object Info(bool isEnterprise) => new
    {
        id = Id,
        email = "local@localhost",
        username = "local",
        firstName = "Local",
        lastName = "User",
        emailVerified = true,
        features = Array.Empty<object>(),
        team = isEnterprise ? Team : null,
        workspace = (object?)null,
        mysteriousMessage = (object?)null,
        siteAdmin = false,
    };
}
