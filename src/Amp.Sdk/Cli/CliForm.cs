namespace Amp;

/// <summary>What kind of program a CLI is, which decides how it is started.</summary>
public enum CliForm
{
    /// <summary>A program of the system's own kind, started directly.</summary>
    Native,

    /// <summary>A JavaScript file, started through Node.js.</summary>
    Node,

    /// <summary>A script with an interpreter of its own, such as a wrapper of the user's; started directly, never on Windows.</summary>
    Script,
}
