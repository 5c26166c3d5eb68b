using System.Management.Automation;
using System.Security;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Takes a key as a <see cref="SecureString"/>, or the password of a <see cref="PSCredential"/>. All else becomes
/// <see cref="Refused"/>, for the cmdlet to refuse: an error of PowerShell's own, while parameters are bound, would show the line on which
/// the key may stand.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class ApiKeyTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>What stands for something that is no key; nothing of that is in it.</summary>
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
