using System.Runtime.InteropServices;
using System.Security;

namespace Amp;

/// <summary>
/// A secret text, which is passed only to the CLI. It has no public properties, and its string form is three asterisks.
/// </summary>
public sealed class SecretText
{
    /// <summary>The text that is shown instead of a secret.</summary>
    internal const string Mask = "***";

    private readonly string? _text;
    private readonly SecureString? _secure;

    /// <summary>Keeps a string, which .NET cannot erase from memory. A <see cref="SecureString"/> is erased when it is disposed.</summary>
    public SecretText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>Keeps a copy, so that the caller can dispose the original.</summary>
    /// <exception cref="ArgumentException">The secure string was already disposed.</exception>
    public SecretText(SecureString text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            _secure = text.Copy();
        }
        catch (ObjectDisposedException exception)
        {
            throw new ArgumentException("The SecureString has been disposed of.", nameof(text), exception);
        }

        _secure.MakeReadOnly();
    }

    /// <summary>Keeps a string.</summary>
    public static implicit operator SecretText(string text) => new(text);

    /// <summary>Keeps a copy of a secure string.</summary>
    public static implicit operator SecretText(SecureString text) => new(text);

    /// <summary>Returns three asterisks.</summary>
    public override string ToString() => Mask;

    /// <summary>Whether it was given as a secure string instead of a plain string.</summary>
    internal bool IsSecure => _secure is not null;

    /// <summary>Gets the secret itself.</summary>
    internal string Reveal() => _text ?? Reveal(_secure!);

    /// <summary>Gets the content of a secure string.</summary>
    internal static string Reveal(SecureString text)
    {
        nint memory = Marshal.SecureStringToGlobalAllocUnicode(text);
        try
        {
            return Marshal.PtrToStringUni(memory, text.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(memory);
        }
    }
}
