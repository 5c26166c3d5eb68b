#Requires -Version 7.4

<#
.SYNOPSIS
    Packs what is built: the module in out/Amp as the PowerShell Gallery takes it, and Amp.Sdk and the packages around it for NuGet.
.DESCRIPTION
    The module's package holds the files of out/Amp and nothing else, and says of itself what the manifest says. On a .NET SDK that knows
    SOURCE_DATE_EPOCH (10.0.400 and later), the same commit gives the same bytes.
.PARAMETER Path
    The folder that the packages are written to. Packages of other versions in it stay.
.PARAMETER Configuration
    What was built: Release or Debug.
.PARAMETER ModulePath
    The module's folder; out/Amp.
#>
[CmdletBinding()]
param(
    [string] $Path = (Join-Path (Split-Path $PSScriptRoot) 'out' 'packages'),

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release',

    [string] $ModulePath = (Join-Path (Split-Path $PSScriptRoot) 'out' 'Amp')
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
$root = Split-Path $PSScriptRoot

function Invoke-Pack([string] $Project, [string[]] $Argument) {
    & dotnet pack (Join-Path $root 'src' $Project) --no-build --verbosity quiet -nologo @Argument | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "'$Project' was not packed: dotnet pack ended with exit code $LASTEXITCODE."
    }
}

function Get-ModuleTag([System.Collections.IDictionary] $Manifest) {
    # What the gallery finds a module and its commands by, as its own clients write it.
    $Manifest.PrivateData.PSData.Tags
    'PSModule'
    'PSIncludes_Cmdlet'
    foreach ($name in $Manifest.CmdletsToExport) {
        "PSCmdlet_$name"
        "PSCommand_$name"
    }
}

function Save-Nuspec([System.Collections.IDictionary] $Manifest, [string] $File) {
    $data = $Manifest.PrivateData.PSData
    $version = $data.Prerelease ? "$($Manifest.ModuleVersion)-$($data.Prerelease)" : $Manifest.ModuleVersion
    $metadata = [ordered]@{
        id = 'Amp'
        version = $version
        authors = $Manifest.Author
        owners = $Manifest.CompanyName
        requireLicenseAcceptance = 'false'
        licenseUrl = $data.LicenseUri
        projectUrl = $data.ProjectUri
        iconUrl = $data.IconUri
        description = $Manifest.Description
        releaseNotes = $data.ReleaseNotes
        copyright = $Manifest.Copyright
        tags = (Get-ModuleTag $Manifest) -join ' '
    }

    $settings = [System.Xml.XmlWriterSettings]@{ Indent = $true; Encoding = [System.Text.UTF8Encoding]::new($false) }
    $writer = [System.Xml.XmlWriter]::Create($File, $settings)
    try {
        $namespace = 'http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd'
        $writer.WriteStartElement('package', $namespace)
        $writer.WriteStartElement('metadata', $namespace)
        foreach ($name in $metadata.Keys.Where{ $metadata[$_] }) {
            $writer.WriteElementString($name, $namespace, $metadata[$name])
        }

        $writer.WriteEndElement()
        $writer.WriteStartElement('files', $namespace)
        $writer.WriteStartElement('file', $namespace)
        $writer.WriteAttributeString('src', '**/*')
        $writer.WriteAttributeString('target', '')
        $writer.WriteEndDocument()
    } finally {
        $writer.Dispose()
    }
}

$manifestFile = Join-Path $ModulePath 'Amp.psd1'
$null = Test-ModuleManifest -Path $manifestFile

# Two at once, as of tests side by side, would write the same files under obj.
$null = New-Item -ItemType Directory -Force (Join-Path $root 'out')
$lockFile = Join-Path $root 'out' 'package.lock'
$turn = $null
while (-not $turn) {
    try {
        $turn = [System.IO.File]::Open($lockFile, 'OpenOrCreate', 'ReadWrite', 'None')
    } catch [System.IO.IOException] {
        Start-Sleep -Milliseconds 200
    }
}

# Everything relative would be relative to the project.
$here = (Get-Location -PSProvider FileSystem).ProviderPath
$target = [System.IO.Path]::GetFullPath($Path, $here)
$content = [System.IO.Path]::GetFullPath($ModulePath, $here)
$common = '--configuration', $Configuration, '--output', $target
$outerEpoch = $env:SOURCE_DATE_EPOCH
try {
    Save-Nuspec (Import-PowerShellDataFile -LiteralPath $manifestFile) (Join-Path $root 'out' 'Amp.nuspec')

    # The moment that stands on the files in a package is that of the commit, and not that of the packing; without one, the first that zip knows.
    if (-not $outerEpoch) {
        $committed = (Get-Command git -CommandType Application -ErrorAction Ignore) ? (& git -C $root log -1 --format=%ct 2>$null) : $null
        $env:SOURCE_DATE_EPOCH = $committed ? $committed : 315532800
    }

    Invoke-Pack Amp.Sdk $common
    Invoke-Pack Amp.Sdk.Extensions.AI $common
    Invoke-Pack Amp.Sdk.Agents.AI $common
    Invoke-Pack Amp.Sdk.Extensions.Hosting $common
    Invoke-Pack Amp.PowerShell ($common + "-p:NuspecBasePath=$content")
} finally {
    $env:SOURCE_DATE_EPOCH = $outerEpoch
    $turn.Dispose()
}
