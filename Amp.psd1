@{
    RootModule           = 'Amp.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6f0b2d0e-5a53-4c1b-9d0c-7c1f3a3e8b42'
    Author               = 'Amp for PowerShell contributors'
    CompanyName          = 'Amp for PowerShell contributors'
    Copyright            = '(c) 2026 the Amp for PowerShell contributors. MIT License.'
    Description          = 'Runs the Amp coding agent from PowerShell: typed messages, streamed to the pipeline as the agent works.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('Amp.Format.ps1xml', 'Amp.Account.Format.ps1xml', 'Amp.Checkpoint.Format.ps1xml', 'Amp.Replay.Format.ps1xml', 'Amp.Schedule.Format.ps1xml', 'Amp.Settings.Format.ps1xml')
    TypesToProcess       = @('Amp.Types.ps1xml')
    CmdletsToExport      = @(
        'Add-AmpMcpServer', 'Add-AmpPermission', 'Approve-AmpMcpServer', 'Compare-AmpCheckpoint', 'Connect-AmpMcpServer', 'Disconnect-AmpMcpServer',
        'Export-AmpReport', 'Export-AmpThread', 'Export-AmpThreadMarkdown', 'Find-AmpThread', 'Get-AmpBudget', 'Get-AmpCheckpoint', 'Get-AmpCli',
        'Get-AmpMcpServer', 'Get-AmpPermission', 'Get-AmpProcess', 'Get-AmpSchedule', 'Get-AmpSession', 'Get-AmpSkill', 'Get-AmpThread', 'Get-AmpThreadUsage',
        'Get-AmpThrottle', 'Get-AmpTool', 'Get-AmpUsage', 'Import-AmpTranscript', 'Install-AmpCli', 'Install-AmpSkill', 'Invoke-AmpAgent', 'Invoke-AmpReview',
        'Invoke-AmpTool', 'Measure-AmpUsage', 'New-AmpBudget', 'New-AmpMcpServer', 'New-AmpMock', 'New-AmpPermission', 'New-AmpSession', 'New-AmpThread',
        'New-AmpTool', 'New-AmpUserMessage', 'Receive-AmpMessage', 'Register-AmpSchedule', 'Remove-AmpCheckpoint', 'Remove-AmpMcpServer', 'Remove-AmpSession',
        'Remove-AmpThread', 'Rename-AmpThread', 'Restore-AmpCheckpoint', 'Send-AmpMessage', 'Set-AmpThread', 'Set-AmpThrottle', 'Start-AmpSchedule',
        'Stop-AmpProcess', 'Stop-AmpReplay', 'Stop-AmpTurn', 'Test-AmpConnection', 'Test-AmpMcpServer', 'Test-AmpPermission', 'Uninstall-AmpSkill',
        'Unregister-AmpSchedule', 'Use-AmpReplay')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('Amp', 'Agent', 'AI', 'Automation', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri = 'https://opensource.org/license/mit'
            # The build puts ReleaseNotes here, of the changelog, and ProjectUri and IconUri where the repository has a remote.
        }
    }
}
