using Amp.Cli;
using Amp.Clients.Account;

namespace Amp;

/// <summary>Gets the remaining quota of the account, and checks what a run requires.</summary>
public sealed class AccountClient
{
    private readonly CliOptions? _options;

    /// <summary>Creates a client. Nothing is started.</summary>
    public AccountClient(CliOptions? options = null) => _options = options;

    /// <summary>Gets the remaining quota of the account. Requires a CLI of February 2026 or later.</summary>
    /// <exception cref="AmpException">The CLI cannot be used or does not have the command, no key was found, or the service does not
    /// answer.</exception>
    public async Task<AccountCredit> GetCreditAsync(CancellationToken cancellationToken = default)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require("usage", "Install a CLI of February 2026 or later, or see the settings page of your account.");
        return AccountCredit.Parse(await UsageAsync(connection, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Checks the CLI, the key and the service, in this order. A problem is a failed check, not an exception. A login is never started.
    /// </summary>
    /// <exception cref="AmpValidationException">An option cannot be used.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public async IAsyncEnumerable<ConnectionCheck> TestAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        CliConnection? connection = null;
        AmpCliNotFoundException? missing = null;
        try
        {
            connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        }
        catch (AmpCliNotFoundException exception)
        {
            missing = exception;
        }

        if (connection is null)
        {
            yield return Failed("Cli", missing!);
            yield return NotLookedAt("Key", "no CLI was found");
            yield return NotLookedAt("Service", "no CLI was found");
            yield break;
        }

        AmpCli cli = connection.Cli;
        yield return Passed("Cli", $"Amp CLI {cli.Version} at {cli.Path}");
        string? login = StoredLogin.Find(connection.Environment);
        AmpException? trouble = null;

        // Without a key, 'usage' reports this; every other command would start a login.
        bool hasUsage = cli.Capabilities.HasCommand("usage");
        bool isAsked = hasUsage || login is not null;
        if (isAsked)
        {
            try
            {
                if (hasUsage)
                {
                    await UsageAsync(connection, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await connection.RunAsync(["threads", "list"], cancellationToken).ConfigureAwait(false);
                }
            }
            catch (AmpException exception)
            {
                trouble = exception;
            }
        }

        bool isAnswered = isAsked && trouble is null;
        bool isRefused = trouble is AmpAuthenticationException;

        // Without an answer, the CLI may still have a key in a store of its own.
        bool isUnknown = login is null && trouble is not null && !isRefused;
        yield return isUnknown ? NotLookedAt("Key", "the service did not answer", "Fix the problem with the service, then test again.")
            : isRefused || (login is null && !isAnswered) ? new ConnectionCheck
            {
                Name = "Key",
                Passed = false,
                Detail = !isRefused ? "No API key was found." : login is null ? "No API key was found." : $"The service does not accept the key from {login}.",
                RecommendedAction = "Set AMP_API_KEY to an access token of your account, use CliOptions.ApiKey, or run 'amp login' once.",
                ErrorId = AmpErrorId.NotAuthenticated,
            }
            : Passed("Key", isAnswered ? $"The service accepts the key from {login ?? "the CLI's own store"}." : $"Found: {login}.");
        yield return isAnswered || isRefused
            ? Passed("Service", $"The service answered at {connection.Environment.GetValueOrDefault("AMP_URL") ?? "its usual address"}.")
            : trouble is not null ? Failed("Service", trouble) : NotLookedAt("Service", "without a key, this CLI would start a login");
    }

    private static async Task<string> UsageAsync(CliConnection connection, CancellationToken cancellationToken)
    {
        CliAnswer answer = await connection.RunAsync(["usage"], cancellationToken).ConfigureAwait(false);
        return answer.Output.Trim().Length > 0 ? answer.Output : throw connection.Unreadable(["usage"], "is empty", string.Empty);
    }

    private static ConnectionCheck Passed(string name, string detail) => new() { Name = name, Passed = true, Detail = detail };

    private static ConnectionCheck Failed(string name, AmpException exception) => new()
    {
        Name = name,
        Passed = false,
        Detail = exception.Message,
        RecommendedAction = exception.RecommendedAction,
        ErrorId = exception.ErrorId,
    };

    private static ConnectionCheck NotLookedAt(string name, string why, string advice = "Fix the problem above, then test again.") => new()
    {
        Name = name,
        Passed = false,
        Detail = $"Not checked: {why}.",
        RecommendedAction = advice,
    };
}
