namespace Amp;

/// <summary>Something that was given cannot be used. Nothing has been started.</summary>
public sealed class AmpValidationException : AmpException
{
    /// <summary>Makes an exception that names the option, its value and the way out.</summary>
    /// <param name="message">Names the input and the reason.</param>
    /// <param name="optionName">The property of <c>AmpOptions</c>, or the parameter, that is wrong.</param>
    /// <param name="recommendedAction">The way out.</param>
    /// <param name="value">The value that was given; never a secret.</param>
    /// <param name="errorId"><see cref="AmpErrorId.InvalidOption"/> or <see cref="AmpErrorId.UnsupportedByCli"/>.</param>
    public AmpValidationException(
        string message,
        string optionName,
        string? recommendedAction = null,
        object? value = null,
        string errorId = AmpErrorId.InvalidOption)
        : base(message, errorId, recommendedAction)
    {
        OptionName = optionName;
        Value = value;
    }

    /// <summary>The option that is wrong.</summary>
    public string OptionName { get; }

    /// <summary>The value that was given, where it may be shown.</summary>
    public object? Value { get; }
}
