namespace Amp.PowerShell.Completion;

/// <summary>Something that may be offered for what is being typed.</summary>
/// <param name="Value">The value of the parameter.</param>
/// <param name="Description">What it is, for the tooltip.</param>
/// <param name="Title">The name by which a person knows it, where that is not the value: it is shown in the list and may be typed too.</param>
internal sealed record Candidate(string Value, string? Description = null, string? Title = null);
