using System.Runtime.InteropServices;
using System.Security;

namespace Amp;

/// <summary>
/// A text that is not to be seen: it leaves this object only on its way to the CLI. What shows or stores objects finds no property
/// on it and three asterisks as its text.
/// </summary>
public sealed class SecretText
{
    /// <summary>What is shown in the place of a secret.</summary>
    internal const string Mask = "***";

    private readonly string? _text;
    private readonly SecureString? _secure;

    /// <summary>Keeps a text. .NET cannot wipe it from memory; a <see cref="SecureString"/> is wiped when it is let go.</summary>
    public SecretText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>Keeps a copy of its own, so that the caller may dispose of what was given.</summary>
    /// <exception cref="ArgumentException">It has been disposed of already.</exception>
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

    /// <summary>Keeps a text.</summary>
    public static implicit operator SecretText(string text) => new(text);

    /// <summary>Keeps a copy of a secure text.</summary>
    public static implicit operator SecretText(SecureString text) => new(text);

    /// <summary>Three asterisks.</summary>
    public override string ToString() => Mask;

    /// <summary>Whether it was given as a secret, and not as a mere text.</summary>
    internal bool IsSecure => _secure is not null;

    /// <summary>The text itself.</summary>
    internal string Reveal() => _text ?? Reveal(_secure!);

    /// <summary>What a secure text holds.</summary>
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
