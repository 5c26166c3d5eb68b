namespace Amp;

/// <summary>
/// The names of the options of <c>AmpOptions</c> that are checked in lower levels, as reported by
/// <see cref="AmpValidationException.OptionName"/>. Those levels do not know <c>AmpOptions</c>; a test checks that each name is an option.
/// </summary>
internal static class AmpOptionName
{
    public const string Checkpoint = nameof(Checkpoint);
    public const string CostLimit = nameof(CostLimit);
    public const string Environment = nameof(Environment);
    public const string McpConfig = nameof(McpConfig);
    public const string McpServers = nameof(McpServers);
    public const string OutputSchema = nameof(OutputSchema);
    public const string SettingsFile = nameof(SettingsFile);
    public const string TokenLimit = nameof(TokenLimit);
    public const string Tools = nameof(Tools);
    public const string ToolUseLimit = nameof(ToolUseLimit);
    public const string TranscriptPath = nameof(TranscriptPath);
    public const string TurnLimit = nameof(TurnLimit);
    public const string WorkingDirectory = nameof(WorkingDirectory);
}
