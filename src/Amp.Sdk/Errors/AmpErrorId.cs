namespace Amp;

/// <summary>The stable names of what can go wrong; PowerShell shows them as the error's ID. Scripts may branch on them.</summary>
public static class AmpErrorId
{
    /// <summary>The Amp CLI, or what it needs to run, was not found, cannot be executed, or is another program.</summary>
    public const string CliNotFound = nameof(CliNotFound);

    /// <summary>The CLI ended with an error of its own, or without the result that every run ends with.</summary>
    public const string CliFailed = nameof(CliFailed);

    /// <summary>The CLI was ended by a signal, by the system's memory killer for instance.</summary>
    public const string CliTerminated = nameof(CliTerminated);

    /// <summary>The run ended with an error result.</summary>
    public const string AgentError = nameof(AgentError);

    /// <summary>The run ended because the agent had taken all the turns that it may take.</summary>
    public const string MaxTurnsReached = nameof(MaxTurnsReached);

    /// <summary>A line began as JSON and was broken, or was longer than allowed.</summary>
    public const string InvalidStreamJson = nameof(InvalidStreamJson);

    /// <summary>The run took longer than it was given.</summary>
    public const string Timeout = nameof(Timeout);

    /// <summary>The CLI was silent for longer than it may be.</summary>
    public const string IdleTimeout = nameof(IdleTimeout);

    /// <summary>The run was cancelled.</summary>
    public const string Canceled = nameof(Canceled);

    /// <summary>There is no API key, or the service does not accept it.</summary>
    public const string NotAuthenticated = nameof(NotAuthenticated);

    /// <summary>The CLI could not reach the Amp service.</summary>
    public const string ServiceUnreachable = nameof(ServiceUnreachable);

    /// <summary>An option or parameter has an impossible value used.</summary>
    public const string InvalidOption = nameof(InvalidOption);

    /// <summary>The installed CLI does not know an option that was asked for.</summary>
    public const string UnsupportedByCli = nameof(UnsupportedByCli);

    /// <summary>
    /// A tool was used without the question that was due, or what decides about calls was changed during the run, by the agent or another program.
    /// </summary>
    public const string RulesBypassed = nameof(RulesBypassed);

    /// <summary>The thread to continue does not exist or is not the user's.</summary>
    public const string ThreadNotFound = nameof(ThreadNotFound);

    /// <summary>The thread to continue is archived, and the CLI does not continue such a one.</summary>
    public const string ThreadArchived = nameof(ThreadArchived);

    /// <summary>The Amp service does not serve a CLI as old as this one any more.</summary>
    public const string CliOutdated = nameof(CliOutdated);

    /// <summary>The run ended without the answer in the shape that was asked for.</summary>
    public const string OutputMissing = nameof(OutputMissing);

    /// <summary>The answers of the run do not fit the schema that was asked for.</summary>
    public const string OutputInvalid = nameof(OutputInvalid);

    /// <summary>The caller's verification of the work never passed.</summary>
    public const string VerificationFailed = nameof(VerificationFailed);

    /// <summary>The service, or the model's provider, takes no more requests for a while.</summary>
    public const string Throttled = nameof(Throttled);

    /// <summary>The model's provider has more to do than it can.</summary>
    public const string Overloaded = nameof(Overloaded);

    /// <summary>The account has used up what it may use; another try does not help before that is renewed.</summary>
    public const string QuotaExceeded = nameof(QuotaExceeded);

    /// <summary>The agent still works on the session's last message; the next one has to wait.</summary>
    public const string SessionBusy = nameof(SessionBusy);

    /// <summary>The session was ended and takes no more messages.</summary>
    public const string SessionEnded = nameof(SessionEnded);

    /// <summary>A limit of tokens, turns, tool uses or cost is reached: the run was ended, or nothing was started.</summary>
    public const string BudgetReached = nameof(BudgetReached);
}
