using Amp.Text;

namespace Amp.Reports;

/// <summary>Removes the secrets that a run knows, and tells quickly whether bytes may have one.</summary>
internal sealed class RunSecrets
{
    public RunSecrets(SecretRedactor redactor)
    {
        Redactor = redactor;
        Search = redactor.ToSearch();
    }

    public SecretRedactor Redactor { get; }

    public SecretSearch Search { get; }
}
