<#
.SYNOPSIS
Writes down the public API of the libraries and of the module.

.DESCRIPTION
The build fails if the public API differs from the files PublicAPI.Shipped.txt and PublicAPI.Unshipped.txt of the project. After a
deliberate change, run this script and review the difference: every line that disappears can break a user's code. At a release, move the
lines of the unshipped file to the shipped one.
#>
[CmdletBinding()]
param(
    [string[]] $Project = @('Amp.Sdk', 'Amp.Sdk.Extensions.AI', 'Amp.Sdk.Agents.AI', 'Amp.Sdk.Extensions.Hosting', 'Amp.PowerShell')
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
foreach ($name in $Project) {
    $folder = Join-Path $root "src/$name"
    $shipped = @(Get-Content -LiteralPath (Join-Path $folder 'PublicAPI.Shipped.txt'))
    $unshipped = Join-Path $folder 'PublicAPI.Unshipped.txt'

    $names = [Collections.Generic.SortedSet[string]]::new([StringComparer]::Ordinal)
    $log = Join-Path ([IO.Path]::GetTempPath()) "$([guid]::NewGuid()).sarif"
    try {
        # The analyzer reports what is not written down, of members in one place (a record and its constructor) only one at a time.
        do {
            Set-Content -LiteralPath $unshipped -Value (@('#nullable enable') + $names)
            dotnet build (Join-Path $folder "$name.csproj") -c Release --no-incremental -v q -nologo '-p:TreatWarningsAsErrors=false' '-p:BuildProjectReferences=false' "-p:ErrorLog=$log" | Out-Null
            if ($LASTEXITCODE -ne 0) {
                throw "The build of $name failed. Run 'dotnet build' to see why."
            }

            $known = $names.Count
            foreach ($result in (Get-Content -Raw -LiteralPath $log | ConvertFrom-Json -AsHashtable).runs.results) {
                if ($result.ruleId -eq 'RS0016' -and $result.properties.customProperties.APIName -cnotin $shipped) {
                    [void] $names.Add($result.properties.customProperties.APIName)
                }
            }
        } while ($names.Count -gt $known)

        "$name`: $($names.Count) members in $unshipped"
    }
    finally {
        Remove-Item -LiteralPath $log -ErrorAction Ignore
    }
}
