namespace Amp.FakeCli;

/// <summary>What a call of the CLI is for.</summary>
internal enum CallKind
{
    /// <summary>Prints the version.</summary>
    Version,

    /// <summary>Prints the help.</summary>
    Help,

    /// <summary>Runs the agent.</summary>
    Run,

    /// <summary>A management command such as <c>threads list</c>.</summary>
    Command,
}
