namespace Amp;

/// <summary>A value cannot be used. Nothing was started.</summary>
public sealed class AmpValidationException : AmpException
{
    /// <summary>Creates an exception that names the option, its value and the recommended action.</summary>
    /// <param name="message">The message, which names the input and the reason.</param>
    /// <param name="optionName">The name of the invalid property of <c>AmpOptions</c>, or of the parameter.</param>
    /// <param name="recommendedAction">The recommended action.</param>
    /// <param name="value">The invalid value. It must not be a secret.</param>
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

    /// <summary>The name of the invalid option: a property of <c>AmpOptions</c>, or a parameter.</summary>
    public string OptionName { get; }

    /// <summary>The invalid value, if it is safe to show.</summary>
    public object? Value { get; }
}
