using System.Management.Automation;
using System.Security;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Accepts a key as a <see cref="SecureString"/>, or as the password of a <see cref="PSCredential"/>. Any other value becomes
/// <see cref="Refused"/>, which the cmdlet refuses: a parameter binding error of PowerShell would show the line, which may contain the key.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class ApiKeyTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Replaces a value that is not a key, without containing it.</summary>
    internal static SecureString Refused { get; } = new();

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        PlainValue.Unwrap(inputData) switch
        {
            null => null,
            SecureString key => key,
            PSCredential credential => credential.Password,
            _ => Refused,
        };
}
